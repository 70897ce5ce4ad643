package config

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestEnsureDevelopmentSecret(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "data")
	env := "AUTHGRAPH_DATA_DIR=" + dir
	t.Run("starters at once agree", func(t *testing.T) {
		secrets := make([]string, 16)
		var all sync.WaitGroup
		for i := range secrets {
			all.Go(func() {
				c, _, err := Load(nil, []string{env})
				if err == nil {
					err = c.EnsureDevelopmentSecret()
				}
				if err != nil {
					t.Error(err)
					return
				}
				secrets[i] = c.Secret
			})
		}
		all.Wait()
		for _, s := range secrets {
			if len(s) < 32 || s != secrets[0] {
				t.Fatalf("secrets differ or are short: %q", secrets)
			}
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("the directory holds %v, want the secret alone", left)
		}
	})
	mode := func(path string) os.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	path := filepath.Join(dir, "secret")
	t.Run("is for the owner alone", func(t *testing.T) {
		if mode(path) != 0o600 || mode(dir) != 0o700 {
			t.Errorf("modes %v and %v", mode(path), mode(dir))
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := load(t, env).EnsureDevelopmentSecret(); err != nil || mode(path) != 0o600 {
			t.Errorf("a secret that others could read: %v, mode %v", err, mode(path))
		}
	})
	t.Run("a file without a secret is refused", func(t *testing.T) {
		if err := os.WriteFile(path, []byte("hunter2"), 0o600); err != nil {
			t.Fatal(err)
		}
		c := load(t, env)
		if err := c.EnsureDevelopmentSecret(); err == nil || strings.Contains(err.Error(), "hunter2") || c.Secret != "" {
			t.Errorf("EnsureDevelopmentSecret() = %v", err)
		}
	})
	t.Run("a directory that cannot be is told by its setting", func(t *testing.T) {
		c := load(t, "AUTHGRAPH_DATA_DIR="+filepath.Join(path, "below"))
		if err := c.EnsureDevelopmentSecret(); err == nil || !strings.HasPrefix(err.Error(), "AUTHGRAPH_DATA_DIR: ") {
			t.Errorf("EnsureDevelopmentSecret() = %v", err)
		}
	})
	t.Run("does nothing where one is set", func(t *testing.T) {
		c := load(t, production("AUTHGRAPH_DATA_DIR="+filepath.Join(dir, "none"))...)
		if err := c.EnsureDevelopmentSecret(); err != nil || c.Secret != goodSecret {
			t.Error(err)
		}
		if _, err := os.Stat(c.DataDir); !os.IsNotExist(err) {
			t.Error("it made the directory")
		}
	})
	t.Run("production makes none", func(t *testing.T) {
		c := &Config{Production: true, DataDir: dir}
		if err := c.EnsureDevelopmentSecret(); err == nil {
			t.Error("taken")
		}
	})
}
