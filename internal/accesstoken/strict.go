package accesstoken

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4/json"
)

// maxObject is the longest JSON that is looked at, in bytes. The decoder calls
// itself for every level of nesting, so that depth without a bound is a stack
// without one.
const maxObject = 64 << 10

// errNotObject says that a text is not a JSON object with one reading.
var errNotObject = errors.New("not a JSON object, or one with duplicate members or broken text")

// decodeSegment reads base64url without padding in its one canonical spelling
// (RFC 7515 section 2). Encoding again is the test, because the decoder skips
// line breaks even when it is strict.
func decodeSegment(s string) ([]byte, bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || base64.RawURLEncoding.EncodeToString(b) != s {
		return nil, false
	}
	return b, true
}

// object reads one JSON object. Names keep their case; a name that occurs twice
// at any depth, invalid UTF-8, text behind the object and more than 64 KiB are
// refused, so that no other reader of the same bytes can see other values.
// Numbers stay as they are written (json.Number).
func object(b []byte) (map[string]any, error) {
	if len(b) > maxObject || !utf8.Valid(b) {
		return nil, errNotObject
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.SetNumberType(json.UnmarshalJSONNumber)
	var m map[string]any
	if err := d.Decode(&m); err != nil || m == nil {
		return nil, errNotObject // the cause would quote the token
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotObject
	}
	return m, nil
}
