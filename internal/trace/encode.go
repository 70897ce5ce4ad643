package trace

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// The messages of opentelemetry/proto/trace/v1 in the JSON of OTLP 1.x: ids in
// hexadecimal, 64-bit numbers as strings, enum values as numbers.
type (
	message struct {
		ResourceSpans []resourceSpans `json:"resourceSpans"`
	}
	resourceSpans struct {
		Resource   attributes   `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	attributes struct {
		Attributes []keyValue `json:"attributes"`
	}
	scopeSpans struct {
		Scope scopeName `json:"scope"`
		Spans []span    `json:"spans"`
	}
	scopeName struct {
		Name string `json:"name"`
	}
	span struct {
		TraceID      string     `json:"traceId"`
		SpanID       string     `json:"spanId"`
		ParentSpanID string     `json:"parentSpanId,omitempty"`
		TraceState   string     `json:"traceState,omitempty"`
		Flags        uint32     `json:"flags"`
		Name         string     `json:"name"`
		Kind         int        `json:"kind"`
		Start        string     `json:"startTimeUnixNano"`
		End          string     `json:"endTimeUnixNano"`
		Attributes   []keyValue `json:"attributes,omitempty"`
		Links        []link     `json:"links,omitempty"`
		Status       *status    `json:"status,omitempty"`
	}
	link struct {
		TraceID string `json:"traceId"`
		SpanID  string `json:"spanId"`
	}
	status struct {
		Code int `json:"code"`
	}
	keyValue struct {
		Key   string `json:"key"`
		Value any    `json:"value"`
	}
)

// failed is STATUS_CODE_ERROR; the SDK numbers it otherwise.
const failed = 2

// The flags of a span: the lower eight bits are W3C's; the others say whether it is
// known that the parent is remote, and whether it is.
const knowsRemote, isRemote = 0x100, 0x200

// encode writes spans, which all are of one resource and scope: this program's.
func encode(spans []sdktrace.ReadOnlySpan) []byte {
	out := scopeSpans{Scope: scopeName{scope}}
	var who []keyValue
	for _, s := range spans {
		out.Spans = append(out.Spans, spanOf(s))
		who = valuesOf(s.Resource().Attributes())
	}
	body, err := json.Marshal(message{[]resourceSpans{{attributes{who}, []scopeSpans{out}}}})
	if err != nil {
		return nil // texts and numbers can always be written
	}
	return body
}

func spanOf(s sdktrace.ReadOnlySpan) span {
	own, above := s.SpanContext(), s.Parent()
	out := span{
		TraceID: own.TraceID().String(), SpanID: own.SpanID().String(), TraceState: own.TraceState().String(),
		Flags: flagsOf(own, above), Name: s.Name(), Kind: int(s.SpanKind()), Start: nanoseconds(s.StartTime()), End: nanoseconds(s.EndTime()),
		Attributes: valuesOf(s.Attributes()),
	}
	if above.HasSpanID() {
		id := above.SpanID()
		out.ParentSpanID = hex.EncodeToString(id[:])
	}
	for _, l := range s.Links() {
		out.Links = append(out.Links, link{l.SpanContext.TraceID().String(), l.SpanContext.SpanID().String()})
	}
	if s.Status().Code == codes.Error {
		out.Status = &status{failed}
	}
	return out
}

func flagsOf(own, above oteltrace.SpanContext) uint32 {
	flags := uint32(own.TraceFlags()) | knowsRemote
	if above.IsRemote() {
		flags |= isRemote
	}
	return flags
}

func nanoseconds(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

// valuesOf writes attributes: ours are texts and whole numbers.
func valuesOf(set []attribute.KeyValue) []keyValue {
	out := make([]keyValue, len(set))
	for i, one := range set {
		out[i].Key = string(one.Key)
		if one.Value.Type() == attribute.INT64 {
			out[i].Value = map[string]string{"intValue": strconv.FormatInt(one.Value.AsInt64(), 10)}
			continue
		}
		out[i].Value = map[string]string{"stringValue": one.Value.AsString()}
	}
	return out
}
