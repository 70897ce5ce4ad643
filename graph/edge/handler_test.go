package edge_test

import "testing"

func TestServe(t *testing.T) {
	h := newHandler(t, nil)
	r := query(t, h, `query Me { me { id email } }`, "")
	if want := `{"data":{"me":{"id":"019aa7a2-8c7e-7c53-9f11-6f3d4b1c2a10","email":"ann@example.org"}}}`; r.Raw != want {
		t.Errorf("answer = %s, want %s", r.Raw, want)
	}
}
