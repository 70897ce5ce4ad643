package config

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/authgraph/authgraph/internal/locale"
	"github.com/authgraph/authgraph/internal/mail"
)

// Files are tried here, so that what is wrong with them is told with all other
// mistakes, and before anything is opened or made.

const (
	maxFile     = 1 << 20  // of settings, of a secret, of a certificate
	maxManifest = 64 << 20 // of trusted documents
)

// existing reads the path of a file or directory that must be there.
func existing(v *Value) (string, error) {
	if v.text == "" {
		return "", nil
	}
	info, err := os.Stat(v.text)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %s", quote(v, v.text), cause(err))
	case info.IsDir() != (v.row.path == "directory"):
		return "", fmt.Errorf("%s is not a %s", quote(v, v.text), v.row.path)
	}
	return v.text, nil
}

// manifest reads the path of trusted documents. What JSON may say there, and
// whether the documents fit the schema, is known to those who serve them.
func manifest(v *Value) (string, error) {
	path, err := existing(v)
	if path == "" {
		return "", err
	}
	content, err := readFile(path, maxManifest)
	if err == nil && !json.Valid(content) {
		err = errors.New("the file is not valid JSON")
	}
	return path, err
}

// letters reads the path of templates, and tries them with pages of nobody's:
// the ones that links lead to may depend on a port that is not known yet.
func letters(service string, offered *locale.Set) kind[string] {
	return func(v *Value) (string, error) {
		path, err := existing(v)
		if path == "" {
			return "", err
		}
		_, err = mail.NewRenderer(mail.Settings{
			Service:   cmp.Or(service, "authgraph"), // its own mistake is told elsewhere
			Templates: path, Locales: offered, ConfirmPage: "https://auth.example.org/confirm", ResetPage: "https://auth.example.org/reset",
			CodePage: "https://auth.example.org/code",
		})
		if err != nil {
			text := strings.TrimPrefix(err.Error(), "mail templates: ") // the setting's name says so
			return "", errors.New(strings.ReplaceAll(text, "\n", "; "))
		}
		return path, nil
	}
}

// locales reads the list of languages. folder is that of the operator's templates, as it
// was written.
func locales(folder string) kind[*locale.Set] {
	return func(v *Value) (*locale.Set, error) {
		tags, err := each(v, func(tag string) (string, error) { return tag, nil })
		if err != nil {
			return nil, err
		}
		offered, err := locale.New(tags...)
		if err != nil {
			return nil, err
		}
		for _, tag := range tags {
			if !mail.Written(tag, folder) {
				return nil, fmt.Errorf("there are no e-mails in %s; put templates into a directory of that name in %sMAIL_TEMPLATES", tag, prefix)
			}
		}
		return offered, nil
	}
}

// checkTLSFiles tries the files that a PostgreSQL URL names. The driver would
// do without a certificate that is not there. No error quotes a path.
func checkTLSFiles(query url.Values) error {
	if query.Get("sslmode") == "disable" || inline(query) {
		return nil
	}
	content := map[string][]byte{}
	for _, name := range []string{"sslrootcert", "sslcert", "sslkey"} {
		path := query.Get(name)
		if path == "" || name == "sslrootcert" && path == "system" {
			continue
		}
		var err error
		if content[name], err = readFile(path, maxFile); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if authority, given := content["sslrootcert"]; given && !x509.NewCertPool().AppendCertsFromPEM(authority) {
		return errors.New("sslrootcert: the file holds no certificate")
	}
	certificate, key := content["sslcert"], content["sslkey"]
	if certificate == nil || key == nil {
		return nil // the driver looks for the other in the home directory
	}
	if _, err := tls.X509KeyPair(certificate, key); err != nil {
		return errors.New("sslcert and sslkey do not hold a certificate and its key")
	}
	return nil
}

// inline reports whether a PostgreSQL URL holds certificates and a key, not
// the paths of their files.
func inline(query url.Values) bool {
	text := query.Get("sslinline")
	return text != "" && text != "false" && text != "0"
}

// readFile reads a file that a setting names. Its errors do not quote the path:
// if somebody mixes up NAME and NAME_FILE, the path is a secret.
func readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.New("cannot open the file: " + cause(err))
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, errors.New("cannot read the file: " + cause(err))
	}
	if int64(len(content)) > most {
		return nil, fmt.Errorf("the file is larger than %d MiB", most>>20)
	}
	return content, nil
}

// cause is what a file system error says without its path.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return "unknown error"
}
