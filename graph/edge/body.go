package edge

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
)

// bodies keeps buffers for reading bodies.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

// withBody reads the body of a POST, at most max bytes, and passes it to use.
// use must not keep it. The buffer is wiped afterwards: it held passwords, and
// the next request gets it.
func withBody(r *http.Request, max int, use func(body []byte) *refusal) *refusal {
	if ref := checkContent(r.Header); ref != nil {
		return ref
	}
	if r.ContentLength > int64(max) {
		return bodyTooLarge()
	}
	buf := bodies.Get().(*[]byte)
	defer bodies.Put(buf)
	body, err := readBody((*buf)[:0], r.Body, r.ContentLength, max)
	*buf = body
	defer clear(body)
	if err != nil {
		return unreadable(err)
	}
	if len(body) > max {
		return bodyTooLarge()
	}
	return use(body)
}

// checkContent accepts JSON in UTF-8 that is not compressed. It refuses
// everything that a browser can send to another site without a preflight:
// forms, plain text, no type at all.
func checkContent(h http.Header) *refusal {
	types := h["Content-Type"]
	if len(types) != 1 || types[0] != "application/json" && !isJSON(types[0]) {
		return refuse(unsupported, CodeBadRequest, "The content type must be application/json, in UTF-8.")
	}
	if len(h["Content-Encoding"]) > 0 {
		return refuse(unsupported, CodeBadRequest, "The body must not be encoded.")
	}
	return nil
}

func isJSON(contentType string) bool {
	m, ok := parseMedia(contentType)
	return ok && m.name == "application/json" && (m.charset == "" || isUTF8(m.charset))
}

// readBody appends a body to buf. It stops after max+1 bytes, whatever length
// the header announced, so that a chunked body is limited too.
func readBody(buf []byte, body io.Reader, length int64, max int) ([]byte, error) {
	if want := int(length) + 1; want > cap(buf) {
		buf = make([]byte, 0, want)
	}
	for len(buf) <= max {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := body.Read(buf[len(buf):min(cap(buf), max+1)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
	return buf, nil
}

func bodyTooLarge() *refusal {
	return refuse(tooLarge, CodeBadRequest, "The body is too large.")
}

func unreadable(err error) *refusal {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return bodyTooLarge()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return refuse(timedOut, CodeBadRequest, "The body did not arrive in time.")
	}
	return refuse(malformed, CodeBadRequest, "The body could not be read.")
}
