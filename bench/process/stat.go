package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/PID/stat: Linux shows programs a hundredth of a
// second, whatever its own is.
const tick = 10 * time.Millisecond

// CPU is what a process has used, with those of its children that have ended.
func CPU(pid int) (time.Duration, error) {
	s, err := readStat(pid)
	return s.used, err
}

// TreeCPU is what a process and its children have used, as PostgreSQL's server
// with one process for each connection.
func TreeCPU(root int) (time.Duration, error) {
	all, err := readStat(root)
	if err != nil {
		return 0, err
	}
	paths, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, path := range paths {
		pid, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			return 0, err
		}
		if s, err := readStat(pid); err == nil && s.parent == root { // others come and go
			all.used += s.used
		}
	}
	return all.used, nil
}

// Parent is the process that started another.
func Parent(pid int) (int, error) {
	s, err := readStat(pid)
	return s.parent, err
}

// stat is what is read of /proc/PID/stat.
type stat struct {
	parent int
	used   time.Duration
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	return parseStat(string(text))
}

// parseStat reads what follows the name, which may hold anything, up to its
// closing bracket: state, parent and, from the 12th, four times in ticks.
func parseStat(text string) (s stat, err error) {
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 15 {
		return s, fmt.Errorf("the kernel says %q of a process", text)
	}
	if s.parent, err = strconv.Atoi(fields[1]); err != nil {
		return s, fmt.Errorf("read the parent: %w", err)
	}
	for _, field := range fields[11:15] {
		ticks, err := strconv.Atoi(field)
		if err != nil {
			return s, fmt.Errorf("read the time: %w", err)
		}
		s.used += time.Duration(ticks) * tick
	}
	return s, nil
}

// Memory is what a process holds in memory, now and at most since it started, in
// MB.
func Memory(pid int) (now, peak float64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	return parseMemory(string(text))
}

func parseMemory(text string) (now, peak float64, err error) {
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(line, ":")
		into := map[string]*float64{"VmRSS": &now, "VmHWM": &peak}[name]
		if into == nil {
			continue
		}
		if _, err := fmt.Sscan(value, into); err != nil {
			return 0, 0, fmt.Errorf("read %s: %w", name, err)
		}
		*into /= 1024
	}
	if now == 0 || peak == 0 {
		return 0, 0, fmt.Errorf("the kernel tells no memory: %.200s", text)
	}
	return now, peak, nil
}
