package accesstoken

import (
	"encoding/base64"
	"errors"

	"github.com/authgraph/authgraph/internal/strictjson"
)

const (
	maxObject = 64 << 10 // bytes of the longest JSON that is looked at
	maxDepth  = 32       // a claim of another release may be an object, no more
)

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

// object reads one JSON object. Names keep their case, numbers stay as they are
// written; what strictjson refuses, and more than 64 KiB, is refused, so that no
// other reader of the same bytes can see other values.
func object(b []byte) (map[string]any, error) {
	if len(b) > maxObject {
		return nil, errNotObject
	}
	m, err := strictjson.ParseObject(b, maxDepth)
	if err != nil {
		return nil, errNotObject
	}
	return m, nil
}
