package auth_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/userfile"
)

// fastHash is a SHA-1, in the form of package foreignhash. Nobody knows its password.
var fastHash = "$fast$f=sha1,s=none$$" + strings.Repeat("A", 27)

// brought are accounts of a file, each with a fast hash, which must be hashed before
// it is stored.
func brought(names ...string) []userfile.User {
	var all []userfile.User
	for i, name := range names {
		all = append(all, userfile.User{Line: i + 1, Email: name + "@example.org", Confirmed: true, Hash: fastHash})
	}
	return all
}

// An import that was cut off goes on where it was: what is there is not hashed again.
func TestImportHashesOnlyWhatIsNew(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		hashing, err := password.New(password.Options{Slots: 2})
		if err != nil {
			t.Fatal(err)
		}
		env = env.Process(env.Store, func(o *auth.Options) { o.Passwords = hashing })
		for _, tc := range []struct {
			batch  []userfile.User
			made   string
			hashed uint64
		}{
			{brought("ann", "bob"), "1 2", 2},
			{brought("ann", "bob"), "", 0},
			{brought("ann", "eve", "bob", "eve"), "2", 1},
		} {
			before := hashing.Made()
			results, err := env.ImportAccounts(t.Context(), authtest.Operator(), tc.batch, auth.ImportOptions{Began: env.Clock.Now()})
			if err != nil {
				t.Fatal(err)
			}
			var made []string
			for _, one := range results {
				if one.Err == nil && !one.There {
					made = append(made, fmt.Sprint(one.Line))
				}
			}
			if got := strings.Join(made, " "); got != tc.made || hashing.Made()-before != tc.hashed {
				t.Errorf("%d accounts: made %q with %d hashes, want %q with %d", len(tc.batch), got, hashing.Made()-before, tc.made, tc.hashed)
			}
			env.Clock.Turn(time.Second)
		}
	})
}
