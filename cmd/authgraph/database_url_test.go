package main

import (
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/config"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// TestDatabaseURLAsProvidersWriteIt: from the setting to the database.
func TestDatabaseURLAsProvidersWriteIt(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(storetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	if !strings.HasPrefix(query.Get("host"), "/") {
		t.Skip("the server is given, and has no socket that we know")
	}
	user, directory, port := u.User.String()+"@", url.PathEscape(query.Get("host")), query.Get("port")
	dir := t.TempDir() // of one secret
	const more = "?channel_binding=prefer&gssencmode=prefer&keepalives=1&keepalives_idle=30&load_balance_hosts=random&schema=public&target_session_attrs=any"
	for _, text := range []string{
		"postgres://" + user + directory + ":" + port + u.Path + more,
		"postgresql://" + user + directory + ":" + port + "," + directory + ":" + port + u.Path + more,
		u.String() + "&" + strings.TrimPrefix(more, "?"),
	} {
		c, _, err := config.Load(nil, []string{"AUTHGRAPH_DATABASE_URL=" + text, "AUTHGRAPH_DATA_DIR=" + dir})
		if err != nil {
			t.Fatal(err)
		}
		o, err := open(t.Context(), c, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatalf("open() of %s = %v", text, err)
		}
		if err := o.store.Ready(t.Context()); err != nil {
			t.Errorf("Ready() of %s = %v", text, err)
		}
		if err := o.store.Close(); err != nil {
			t.Error(err)
		}
	}
}
