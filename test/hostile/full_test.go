package hostile

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// smallDisk is a file system of its own that holds so much. It takes the right to
// mount one; without, the test is skipped.
func smallDisk(t *testing.T, size string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if said, err := exec.Command("mount", "-t", "tmpfs", "-o", "mode=0700,size="+size, "tmpfs", dir).CombinedOutput(); err != nil { //nolint:noctx // it is short
		t.Skipf("no small disk can be made here: %v, %s", err, said)
	}
	t.Cleanup(func() {
		if said, err := exec.Command("umount", dir).CombinedOutput(); err != nil { //nolint:noctx // it is short
			t.Errorf("umount: %v, %s", err, said)
		}
	})
	return dir
}

// fill leaves no room on a disk.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for piece := make([]byte, 64<<10); len(piece) > 0; {
		if n, err := f.Write(piece); err != nil || n < len(piece) {
			piece = piece[:len(piece)/2]
		}
	}
}

// The disk under SQLite is full while people do all kinds of things. Writes fail,
// and nothing is acknowledged that is not kept; reads go on. The program says
// that it is not ready, and goes on by itself when there is room again.
func TestDiskFull(t *testing.T) {
	long(t)
	dir := smallDisk(t, "8m")
	s := newSite(t, "sqlite:"+filepath.Join(dir, "authgraph.db"), "CALLER_CACHE=false") // every request reads
	s.busy()
	p := s.start()
	reader := p.signUp("reader")
	town := newTown(s, 8, p)
	ballast := filepath.Join(dir, "ballast")
	town.during(func() {
		for range soak(2) {
			town.more(60)
			before := town.tally.count("INTERNAL_SERVER_ERROR")
			fill(t, ballast)
			p.await(patience, "writes do not fail", func() bool { return town.tally.count("INTERNAL_SERVER_ERROR") > before })
			p.says("not ready", "the disk is full", time.Now())
			for range 20 {
				if a := p.answered(meQuery, nil, bearer(reader.AccessToken)...); a.me().Username != "reader" {
					t.Errorf("with a full disk me answers %d %s", a.status, a.body)
				}
			}
			if p.word("/healthz") != "ok\n" {
				t.Error("/healthz fails with the disk: a restart would not help")
			}
			time.Sleep(time.Second)
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			p.says("ready", "there is room again", time.Now())
		}
		town.more(60)
	})
	town.check()
	p.stop()
	s.sound()
	town.replace(p, s.start())
	town.check()
}

// sound checks an SQLite database from its first page to its last.
func (s *site) sound() {
	s.t.Helper()
	db := s.open()
	defer db.Close()
	if said := texts(s.t, db, `PRAGMA integrity_check`); len(said) != 1 || said[0] != "ok" {
		s.t.Errorf("integrity_check says %q", said)
	}
}
