package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestMe(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"query Me { me { id email } }"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	api().ServeHTTP(w, r)
	want := `{"data":{"me":{"id":"019aa7a2-8c7e-7c53-9f11-6f3d4b1c2a10","email":"ann@example.org"}}}`
	if w.Code != http.StatusOK || w.Body.String() != want {
		t.Errorf("%d %s, want %s", w.Code, w.Body, want)
	}
}
