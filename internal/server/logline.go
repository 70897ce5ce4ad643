package server

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// lines are buffers for log lines.
var lines = sync.Pool{New: func() any { b := make([]byte, 0, 512); return &b }}

// line is what the log says of a request.
type line struct {
	at     time.Time
	rec    *record
	method string
	path   string
	took   time.Duration
	peer   string
}

// append writes the line as slog's JSON handler would, which costs four times as
// much: this one is written for every request.
func (l *line) append(b []byte) []byte {
	b = append(b, `{"time":"`...)
	b = l.at.AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","level":"INFO","msg":"request","id":"`...)
	b = append(b, l.rec.id...)
	b = appendText(append(b, `","method":`...), l.method)
	b = appendText(append(b, `,"path":`...), l.path)
	b = strconv.AppendInt(append(b, `,"status":`...), int64(l.rec.status), 10)
	b = strconv.AppendFloat(append(b, `,"ms":`...), float64(l.took.Microseconds())/1000, 'f', -1, 64)
	b = appendAddr(append(b, `,"client":"`...), l.rec.client)
	b = appendText(append(b, `","peer":`...), l.peer)
	if l.rec.kind != "" {
		b = appendText(append(b, `,"kind":`...), l.rec.kind)
		b = appendText(append(b, `,"operation":`...), l.rec.operation)
	}
	if len(l.rec.codes) > 0 {
		between := `,"codes":[`
		for _, code := range l.rec.codes {
			b = appendText(append(b, between...), code)
			between = ","
		}
		b = append(b, ']')
	}
	return append(b, '}', '\n')
}

func appendAddr(b []byte, ip netip.Addr) []byte {
	if !ip.IsValid() {
		return append(b, "invalid IP"...)
	}
	return ip.AppendTo(b)
}

// appendText writes a JSON string.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(text)
			if err != nil { // strings always encode
				quoted = []byte(`""`)
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}
