package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// asset is an embedded script, style sheet or text: public, the same for
// everyone, and without secrets.
type asset struct {
	contentType string
	body        []byte
}

// newAsset takes an embedded file that is too small to be worth caching, and so
// keeps to the pages' no-store.
func newAsset(name string) asset {
	return asset{contentType: contentType(name), body: read(name)}
}

func (a asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	send(w, r, a.contentType, a.body)
}

// bundled is an asset that is embedded in gzip's format. A client that does not
// take gzip gets it unpacked. Browsers may keep it but ask each time whether it
// is still good.
type bundled struct {
	asset
	etag string // without quotes, of the packed bytes
}

func newBundled(name string) bundled {
	a := newAsset(name)
	sum := sha256.Sum256(a.body)
	return bundled{asset: a, etag: base64.RawURLEncoding.EncodeToString(sum[:12])}
}

func (b bundled) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	zipped := acceptsGzip(r.Header)
	etag := `"` + b.etag + `"`
	if zipped {
		etag = `"` + b.etag + `-gzip"` // a strong tag names one sequence of bytes
	}
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", etag)
	if matches(r.Header, etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if zipped {
		h.Set("Content-Encoding", "gzip")
		send(w, r, b.contentType, b.body)
		return
	}
	b.sendUnpacked(w, r)
}

func (b bundled) sendUnpacked(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", b.contentType)
	// RFC 1952, section 2.3.1: the last four bytes are the length of what was packed.
	size := binary.LittleEndian.Uint32(b.body[len(b.body)-4:])
	w.Header().Set("Content-Length", strconv.FormatUint(uint64(size), 10))
	if r.Method == http.MethodHead {
		return
	}
	z, err := gzip.NewReader(bytes.NewReader(b.body))
	if err != nil {
		panic(http.ErrAbortHandler) // cannot be: the tests unpack every file
	}
	_, _ = io.Copy(w, z) //nolint:gosec // what is unpacked is our own; the client went away: nobody is left to tell
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3). "*" stands for
// gzip where gzip is not named.
func acceptsGzip(h http.Header) bool {
	accepts := false
	for part := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, params, _ := strings.Cut(part, ";")
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return !refused(params)
		case "*":
			accepts = !refused(params)
		}
	}
	return accepts
}

// refused says whether a coding's parameters give it the weight zero.
func refused(params string) bool {
	name, value, _ := strings.Cut(strings.TrimSpace(params), "=")
	if !strings.EqualFold(strings.TrimSpace(name), "q") {
		return false
	}
	weight, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	return err != nil || weight <= 0
}

// matches says whether If-None-Match names the tag (RFC 9110, section 13.1.2).
func matches(h http.Header, etag string) bool {
	for tag := range strings.SplitSeq(strings.Join(h.Values("If-None-Match"), ","), ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || tag == etag {
			return true
		}
	}
	return false
}

func contentType(name string) string {
	switch path.Ext(strings.TrimSuffix(name, ".gz")) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return "text/plain; charset=utf-8"
	}
}
