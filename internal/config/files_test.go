package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFilesAreReadAtOnce(t *testing.T) {
	letters := t.TempDir()
	for name, text := range map[string]string{"confirm.txt": "{{.Link", "confrim.html": "x"} {
		if err := os.WriteFile(filepath.Join(letters, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := mistakes(t, production("AUTHGRAPH_MAIL_TEMPLATES="+letters, "AUTHGRAPH_TRUSTED_DOCUMENTS="+writeFile(t, `{"a": hunter2}`),
		"AUTHGRAPH_DATABASE_URL=postgres://u:hunter2@db/x?sslrootcert=/nowhere", "AUTHGRAPH_LOG_LEVEL=loud")...)
	for i, want := range []string{
		"AUTHGRAPH_DATABASE_URL: sslrootcert: cannot open the file: ",
		"AUTHGRAPH_MAIL_TEMPLATES: confrim.html is not the name of a template; template: confirm.txt:1: ",
		"AUTHGRAPH_TRUSTED_DOCUMENTS: the file is not valid JSON", "AUTHGRAPH_LOG_LEVEL: ",
	} {
		if i >= len(m) || !strings.HasPrefix(m[i].String(), want) {
			t.Errorf("mistake %d is not %q:\n%v", i, want, m)
		}
	}
	if len(m) != 4 || strings.Count(m.Error(), "\n") != 3 || strings.Contains(m.Error(), "hunter2") {
		t.Errorf("got %d mistakes, or one on two lines, or a secret:\n%v", len(m), m)
	}
}

func TestLettersMayKnowTheirService(t *testing.T) {
	letters := t.TempDir()
	text := `{{define "subject"}}{{.Service}}{{end}}{{.Link}} {{.Token}}`
	if err := os.WriteFile(filepath.Join(letters, "confirm.txt"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	load(t, "AUTHGRAPH_MAIL_TEMPLATES="+letters)
	if m := mistakes(t, "AUTHGRAPH_MAIL_TEMPLATES="+letters, "AUTHGRAPH_SERVICE_NAME= "); len(m) != 1 || m[0].Name != "AUTHGRAPH_SERVICE_NAME" {
		t.Errorf("a wrong name of the service: %v", m)
	}
}

func TestTLSFilesOfPostgreSQL(t *testing.T) {
	certificate, key := certificateFiles(t)
	no := writeFile(t, "hunter2")
	for name, x := range map[string]struct {
		query string
		want  string // of the mistake; empty: taken
	}{
		"an authority":                    {"sslrootcert=" + certificate, ""},
		"the system's authorities":        {"sslrootcert=system", ""},
		"a client's certificate":          {"sslcert=" + certificate + "&sslkey=" + key, ""},
		"files without TLS":               {"sslmode=disable&sslrootcert=nowhere", ""},
		"what is written out":             {"sslinline=true&sslrootcert=nowhere", ""},
		"an authority that is not there":  {"sslrootcert=nowhere", "sslrootcert: cannot open the file: no such file or directory"},
		"an authority that is none":       {"sslrootcert=" + no, "sslrootcert: the file holds no certificate"},
		"a directory of authorities":      {"sslrootcert=" + t.TempDir(), "sslrootcert: cannot read the file: is a directory"},
		"a certificate that is not there": {"sslcert=nowhere&sslkey=" + key, "sslcert: cannot open the file: no such file or directory"},
		"a key that is not there":         {"sslcert=" + certificate + "&sslkey=nowhere", "sslkey: cannot open the file: no such file or directory"},
		"a key that is none":              {"sslcert=" + certificate + "&sslkey=" + no, "sslcert and sslkey do not hold a certificate and its key"},
	} {
		t.Run(name, func(t *testing.T) {
			database := "postgres://u:hunter2@db/x?" + x.query
			_, _, err := Load(nil, production("AUTHGRAPH_DATABASE_URL="+database, "AUTHGRAPH_LISTEN_URL="+database))
			want := ""
			if x.want != "" {
				want = "AUTHGRAPH_DATABASE_URL: " + x.want + "\nAUTHGRAPH_LISTEN_URL: " + x.want
			}
			if got := text(err); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	t.Run("a key that is written out is masked", func(t *testing.T) {
		c := load(t, production("AUTHGRAPH_DATABASE_URL=postgres://u@db/x?sslinline=true&sslcert=c&sslkey="+url.QueryEscape("hunter2"))...)
		var b strings.Builder
		if err := c.Print(&b); err != nil || strings.Contains(b.String(), "hunter2") {
			t.Errorf("Print() = %v:\n%s", err, b.String())
		}
	})
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// certificateFiles writes a certificate and its key.
func certificateFiles(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, bytes []byte) string {
		return writeFile(t, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes})))
	}
	return block("CERTIFICATE", signed), block("PRIVATE KEY", encoded)
}
