package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
)

// respond sends an answer, after the hooks that log it and add headers.
func (h *Handler) respond(w http.ResponseWriter, r *http.Request, m mediaType, a *answer) {
	buf := answers.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() <= maxKept {
			answers.Put(buf)
		}
	}()
	h.encode(r.Context(), buf, a)
	code := status(a.outcome, m)
	list := codes(a.errors)
	if h.o.Observe != nil {
		h.o.Observe(r.Context(), observation(a, list, code))
	}
	header := w.Header()
	fixed := [...]string{m.contentType(), strconv.Itoa(buf.Len()), "no-store", "nosniff"}
	for i, name := range [...]string{"Content-Type", "Content-Length", "Cache-Control", "X-Content-Type-Options"} {
		header[name] = fixed[i : i+1 : i+1] // one allocation for all
	}
	header.Add("Vary", "Accept")
	if a.allow != "" {
		header.Set("Allow", a.allow)
	}
	if h.o.Header != nil {
		h.o.Header(r.Context(), header, list)
	}
	w.WriteHeader(code)
	_, _ = w.Write(buf.Bytes()) // the client has disconnected
}

// answers keeps buffers for encoding answers, up to maxKept bytes each.
var answers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

const maxKept = 64 << 10

// encode writes the response map (GraphQL specification, section 7.1): errors
// first, and a data entry only if something was executed. An error whose
// extensions cannot be encoded is a fault and is not sent.
func (h *Handler) encode(ctx context.Context, buf *bytes.Buffer, a *answer) {
	var errs []byte
	if len(a.errors) > 0 {
		var err error
		if errs, err = json.Marshal(a.errors); err != nil {
			a.fail(h.present(ctx, err))
			a.errors[0].Extensions = map[string]any{"code": CodeInternal}
			errs, _ = json.Marshal(a.errors) // texts only: cannot fail
		}
	}
	buf.Reset()
	buf.WriteByte('{')
	if errs != nil {
		buf.WriteString(`"errors":`)
		buf.Write(errs)
	}
	if errs != nil && a.data != nil {
		buf.WriteByte(',')
	}
	if a.data != nil {
		buf.WriteString(`"data":`)
		buf.Write(a.data)
	}
	buf.WriteByte('}')
}

// maxName is the longest reported name of an operation.
const maxName = 100

func observation(a *answer, list []string, status int) Observation {
	o := Observation{Codes: list, ErrorCount: len(a.errors), Status: status}
	if a.operation != nil {
		o.OperationType = string(a.operation.def.Operation)
		o.OperationName, o.RootField = a.operation.def.Name, a.operation.root
	} else if isName(a.name) {
		o.OperationName = a.name
	}
	o.OperationName = o.OperationName[:min(len(o.OperationName), maxName)]
	return o
}

// isName reports whether a string is a GraphQL name (section 2.1.9).
func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
