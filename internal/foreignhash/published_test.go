package foreignhash_test

import (
	"testing"

	"github.com/authgraph/authgraph/internal/foreignhash"
)

// What the makers of these forms have published.
func TestPublished(t *testing.T) {
	t.Parallel()
	for _, v := range []struct{ name, password, text string }{
		{"ASP.NET Identity 2", "my password", "AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg=="},
		{"ASP.NET Identity 3", "my password", "AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ=="},
		{"libsodium", "pleaseletmein", "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D"},
		{"passlib", "toomanysecrets", "$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk"},
	} {
		text, err := foreignhash.Translate(v.text)
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		verifies(t, v.name, v.password, text)
	}
}

// The example of Firebase's own scrypt.
func TestPublishedFirebase(t *testing.T) {
	t.Parallel()
	config, err := foreignhash.ParseFirebaseConfig(`hash_config {
  algorithm: SCRYPT,
  base64_signer_key: jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,
  base64_salt_separator: Bw==,
  rounds: 8,
  mem_cost: 14,
}`)
	if err != nil {
		t.Fatal(err)
	}
	text, err := config.Hash("lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==", "42xEC+ixf3L2lw==")
	if err != nil {
		t.Fatal(err)
	}
	verifies(t, "Firebase", "user1password", text)
}
