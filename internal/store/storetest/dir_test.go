package storetest

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestDir(t *testing.T) {
	var dir string
	t.Run("is there while its test runs", func(t *testing.T) {
		dir = Dir(t)
		if err := os.WriteFile(filepath.Join(dir, "test.db"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	})
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("after its test there is still %s: %v", dir, err)
	}
}

func TestSweep(t *testing.T) {
	base := t.TempDir()
	left, other := filepath.Join(base, dirPrefix+"1"), filepath.Join(base, "else")
	for _, dir := range []string{left, other} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	there := func(dir string) bool {
		_, err := os.Stat(dir)
		return err == nil
	}
	sweep(base, time.Now().Add(time.Hour))
	if !there(left) {
		t.Error("a directory that a test may use is gone")
	}
	sweep(base, time.Now().Add(25*time.Hour))
	if there(left) || !there(other) {
		t.Errorf("after a day there is what was left: %t, what is another's: %t", there(left), there(other))
	}
}
