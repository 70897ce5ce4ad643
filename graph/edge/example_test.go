package edge_test

import (
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/authgraph/authgraph/graph/edge"
	"github.com/authgraph/authgraph/graph/edge/internal/testschema"
)

func ExampleNew() {
	h, err := edge.New(testschema.New(), edge.Options{
		Elements: map[string]int{"users": 3, "friends": 2, "faults": 100},
		Present:  present,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, postRequest(strings.NewReader(`{"query":"{hello denied}"}`)))
	fmt.Println(w.Code, w.Body)
	// Output: 200 {"errors":[{"message":"Log in.","path":["denied"],"extensions":{"code":"UNAUTHENTICATED"}}],"data":{"hello":"hello world","denied":null}}
}
