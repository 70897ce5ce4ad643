package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/authgraph/authgraph/internal/secret"
)

// secretName is the file in DATA_DIR that holds development's secret.
const secretName = "secret"

// EnsureDevelopmentSecret reads the secret from DATA_DIR in development where
// none is set, and first makes it if there is none. Of two starters at once
// one makes it and both read it. The file is for its owner alone. It refuses a
// file whose content is no secret, and does nothing if there is a secret.
func (c *Config) EnsureDevelopmentSecret() error {
	if c.Secret != "" {
		return nil
	}
	if c.Production {
		return errors.New("production makes no secret for itself")
	}
	path := filepath.Join(c.DataDir, secretName)
	text, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeSecret(c.DataDir, path); err != nil {
			return fmt.Errorf(prefix+"DATA_DIR: make the development secret: %w", err)
		}
		text, err = readSecret(path)
	}
	if err != nil {
		return fmt.Errorf(prefix+"DATA_DIR: read the development secret: %w", err)
	}
	c.Secret = text
	return nil
}

func readSecret(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(content))
	if _, err := secret.New(text); err != nil {
		return "", fmt.Errorf("%s: %w; delete the file, and a new secret is made", path, inner(err))
	}
	return text, nil
}

// makeSecret writes a secret under another name and links it: the link fails
// if there is one already, and nobody ever reads half of one.
func makeSecret(dir, path string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(secret.Generate() + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
