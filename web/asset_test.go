package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestBundle(t *testing.T) {
	entries, err := files.ReadDir("playground/dist")
	if err != nil {
		t.Fatal(err)
	}
	s := Playground(testOptions)
	total := 0
	for _, e := range entries {
		packed, err := files.ReadFile("playground/dist/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		total += len(packed)
		path := "/playground/" + strings.TrimSuffix(e.Name(), ".gz")
		t.Run(path, func(t *testing.T) {
			resp, zipped := ask(t, s, http.MethodGet, path, http.Header{"Accept-Encoding": {"br, gzip"}})
			if resp.Header.Get("Content-Encoding") != "gzip" || zipped != string(packed) {
				t.Errorf("Content-Encoding = %q, %d bytes, want gzip, %d", resp.Header.Get("Content-Encoding"), len(zipped), len(packed))
			}
			z, err := gzip.NewReader(strings.NewReader(zipped))
			if err != nil {
				t.Fatal(err)
			}
			want, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			plain, got := ask(t, s, http.MethodGet, path, http.Header{})
			if plain.Header.Get("Content-Encoding") != "" || got != string(want) || plain.ContentLength != int64(len(want)) {
				t.Errorf("unpacked: %d bytes of %d, Content-Length %d", len(got), len(want), plain.ContentLength)
			}
			if resp.Header.Get("ETag") == plain.Header.Get("ETag") {
				t.Error("both encodings have one ETag")
			}
			if !slices.Contains(resp.Header.Values("Vary"), "Accept-Encoding") || !slices.Contains(plain.Header.Values("Vary"), "Accept-Encoding") {
				t.Error("no Vary: Accept-Encoding")
			}
		})
	}
	if total == 0 || total > 600_000 {
		t.Errorf("the bundle has %d bytes, want at most 600,000", total)
	}
}

func TestAcceptsGzip(t *testing.T) {
	for accept, want := range map[string]bool{
		"": false, "identity": false, "br": false, "gzip": true, "GZIP": true, "x-gzip": true, "deflate, gzip;q=1.0, *;q=0.5": true,
		"gzip;q=0": false, "gzip; q=0.0": false, "gzip;Q=0": false, "gzip;q=nonsense": false, "*": true, "*;q=0": false,
		"gzip;q=0, *": false, "*, gzip;q=0": false, "br;q=1.0, *;q=0.1": true, "gzip ; q=0.2": true, "notgzip": false,
	} {
		if got := acceptsGzip(http.Header{"Accept-Encoding": {accept}}); got != want {
			t.Errorf("acceptsGzip(%q) = %v, want %v", accept, got, want)
		}
	}
}

func TestRevalidation(t *testing.T) {
	s := Playground(testOptions)
	gz := http.Header{"Accept-Encoding": {"gzip"}}
	resp, _ := ask(t, s, http.MethodGet, "/playground/react.js", gz)
	etag := resp.Header.Get("ETag")
	for _, tc := range []struct {
		ifNoneMatch string
		status      int
	}{
		{etag, http.StatusNotModified}, {"W/" + etag, http.StatusNotModified}, {`"other", ` + etag, http.StatusNotModified},
		{"*", http.StatusNotModified}, {`"other"`, http.StatusOK}, {"", http.StatusOK},
	} {
		resp, body := ask(t, s, http.MethodGet, "/playground/react.js", http.Header{"Accept-Encoding": {"gzip"}, "If-None-Match": {tc.ifNoneMatch}})
		if resp.StatusCode != tc.status || (tc.status == http.StatusNotModified) != (body == "") {
			t.Errorf("If-None-Match %s: status %d, %d bytes, want %d", tc.ifNoneMatch, resp.StatusCode, len(body), tc.status)
		}
		if resp.Header.Get("ETag") != etag {
			t.Errorf("ETag = %s, want %s", resp.Header.Get("ETag"), etag)
		}
	}
	resp, _ = ask(t, s, http.MethodGet, "/playground/react.js", http.Header{"If-None-Match": {etag}})
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the tag of the packed bytes matched the unpacked ones: status %d", resp.StatusCode)
	}
}
