package main

import (
	"bytes"
	"database/sql"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// secrets are all that a story sent or got and that nobody else may ever read.
type secrets struct {
	list      []string
	passwords []string
	keys      [][]byte // of authenticator apps
}

// addKey adds the key of an authenticator app, which is shown in base32.
func (s *secrets) addKey(text string) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err == nil && len(key) == 20 {
		s.keys = append(s.keys, key)
	}
}

// forms of the keys: as they are, and in five encodings.
func (s *secrets) forms() (all []string) {
	for _, key := range s.keys {
		all = append(all, string(key), hex.EncodeToString(key), strings.ToUpper(hex.EncodeToString(key)),
			base64.RawStdEncoding.EncodeToString(key), base64.RawURLEncoding.EncodeToString(key),
			base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(key))
	}
	return all
}

func (s *secrets) add(values ...string) {
	for _, value := range values {
		if len(value) >= 8 && !slices.Contains(s.list, value) {
			s.list = append(s.list, value)
		}
	}
}

// addCodes adds recovery codes, as they are shown and as they are typed.
func (s *secrets) addCodes(codes []any) {
	for _, code := range codes {
		text := code.(string) // the schema says so
		s.add(text, strings.ReplaceAll(text, "-", ""))
	}
}

// collect takes the secrets out of what was sent or answered, by their names.
// A password that is an address or a username too, as some stories have it, is
// no secret.
func (s *secrets) collect(value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, below := range v {
			text, isText := below.(string)
			name = strings.ToLower(name)
			switch {
			case isText && (strings.HasSuffix(name, "token") || strings.HasSuffix(name, "key") || name == "secret" || name == "recoverycode"):
				s.add(text)
				if name == "secret" {
					s.addKey(text)
				}
			case isText && strings.HasSuffix(name, "password") && strings.Contains(text, " "):
				s.add(text)
				s.passwords = append(s.passwords, text)
			}
			if codes, isList := below.([]any); isList && name == "recoverycodes" {
				s.addCodes(codes)
			}
			s.collect(below)
		}
	case []any:
		for _, below := range v {
			s.collect(below)
		}
	}
}

// checkEcho looks for every password of the story in an answer, and for every key of
// an app that an earlier answer has shown: none of them has any place there.
func (s *secrets) checkEcho(ts *testscript.TestScript, body []byte) {
	for _, password := range s.passwords {
		if bytes.Contains(body, []byte(password)) {
			ts.Fatalf("the answer holds the password %q", password)
		}
	}
	for _, form := range s.forms() {
		if bytes.Contains(body, []byte(form)) {
			ts.Fatalf("the answer holds the key of an app as %q", form)
		}
	}
}

// checkLeaks looks for every secret of the story in the log and in all that the
// database holds.
func (s *story) checkLeaks() {
	dump, err := s.dump()
	if err != nil {
		s.tb.Errorf("read the database: %v", err)
		return
	}
	for _, form := range s.secrets.forms() {
		if strings.Contains(s.logs.String(), form) || bytes.Contains(dump, []byte(form)) {
			s.tb.Errorf("the log or the database holds the key of an app as %q", form)
		}
	}
	for _, secret := range s.secrets.list {
		for _, form := range []string{secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret))} {
			if strings.Contains(s.logs.String(), form) {
				s.tb.Errorf("the log tells the secret %q", secret)
			}
			if bytes.Contains(dump, []byte(form)) {
				s.tb.Errorf("the database holds the secret %q", secret)
			}
		}
	}
}

// dump is everything in the database: SQLite's files as they are, or
// PostgreSQL's tables as text.
func (s *story) dump() ([]byte, error) {
	if path, ok := strings.CutPrefix(s.url, "sqlite:"); ok {
		var all []byte
		files, _ := filepath.Glob(path + "*") // the path has no pattern
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			all = append(all, content...)
		}
		return all, nil
	}
	db, err := openSQL(s.url)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	tables, err := texts(db, `SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'`)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, table := range tables {
		rows, err := texts(db, `SELECT t::text FROM `+table+` t`) //nolint:gosec // the server quoted it
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return []byte(strings.Join(all, "\n")), nil
}

func texts(db *sql.DB, query string) ([]string, error) {
	rows, err := db.Query(query) //nolint:noctx // a test's own database
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, rows.Err()
}
