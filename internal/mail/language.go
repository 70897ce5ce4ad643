package mail

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/authgraph/authgraph/internal/agent"
	"github.com/authgraph/authgraph/internal/locale"
)

// Locales are the languages that letters are written in, the default first. All but
// English have a folder of that name in templates.
func Locales() []string {
	return []string{"en", "de", "fr", "es", "pt", "it", "nl", "pl", "uk", "ja"}
}

// Ours is the set of these.
func Ours() *locale.Set {
	s, err := locale.New(Locales()...)
	if err != nil {
		panic("mail: " + err.Error()) // a test reads them
	}
	return s
}

// Written reports that there are letters in a language: ours, or some in a folder of
// the operator's.
func Written(tag, folder string) bool {
	for _, name := range chain(tag) {
		if name == "en" {
			return true
		}
		if name == "" {
			continue
		}
		if _, err := embedded.ReadDir("templates/" + name); err == nil {
			return true
		}
		if info, err := os.Stat(filepath.Join(folder, name)); folder != "" && err == nil && info.IsDir() {
			return true
		}
	}
	return false
}

// chain are the folders where a template is looked for, one after the other: pt-BR, pt,
// and that of English.
func chain(tag string) []string {
	var folders []string
	for tag != "" {
		folders = append(folders, tag)
		tag = tag[:max(0, strings.LastIndexByte(tag, '-'))]
	}
	return append(folders, "")
}

// words are what letters say that no template can, because it depends on a number or
// on what is known.
type words struct {
	less              string    // a time below a minute
	minute, hour, day [3]string // for numbers of the kinds that plural tells
	plural            func(n int) int
	count             string // of a number and its word
	browser           string // one that has no name
	on                string // of a program and its system
}

// wordsOf are those of a language, or of the nearest one that has some.
func wordsOf(tag string) words {
	for _, name := range chain(tag) {
		if w, ok := languages[name]; ok {
			return w
		}
	}
	return languages["en"]
}

var languages = map[string]words{
	"en": {"less than a minute", [3]string{"minute", "minutes"}, [3]string{"hour", "hours"}, [3]string{"day", "days"}, oneOrMore, "%d %s", "A browser", "%s on %s"},
	"de": {"weniger als eine Minute", [3]string{"Minute", "Minuten"}, [3]string{"Stunde", "Stunden"}, [3]string{"Tag", "Tage"}, oneOrMore, "%d %s", "Ein Browser", "%s (%s)"},
	"fr": {"moins d’une minute", [3]string{"minute", "minutes"}, [3]string{"heure", "heures"}, [3]string{"jour", "jours"}, belowTwo, "%d %s", "Un navigateur", "%s (%s)"},
	"es": {"menos de un minuto", [3]string{"minuto", "minutos"}, [3]string{"hora", "horas"}, [3]string{"día", "días"}, oneOrMore, "%d %s", "Un navegador", "%s (%s)"},
	"pt": {"menos de um minuto", [3]string{"minuto", "minutos"}, [3]string{"hora", "horas"}, [3]string{"dia", "dias"}, belowTwo, "%d %s", "Um navegador", "%s (%s)"},
	"it": {"meno di un minuto", [3]string{"minuto", "minuti"}, [3]string{"ora", "ore"}, [3]string{"giorno", "giorni"}, oneOrMore, "%d %s", "Un browser", "%s (%s)"},
	"nl": {"minder dan een minuut", [3]string{"minuut", "minuten"}, [3]string{"uur", "uur"}, [3]string{"dag", "dagen"}, oneOrMore, "%d %s", "Een browser", "%s (%s)"},
	"pl": {"mniej niż minutę", [3]string{"minutę", "minuty", "minut"}, [3]string{"godzinę", "godziny", "godzin"}, [3]string{"dzień", "dni", "dni"}, polish, "%d %s", "Przeglądarka", "%s (%s)"},
	"uk": {"менше хвилини", [3]string{"хвилину", "хвилини", "хвилин"}, [3]string{"годину", "години", "годин"}, [3]string{"день", "дні", "днів"}, ukrainian, "%d %s", "Браузер", "%s (%s)"},
	"ja": {"1分未満", [3]string{"分間"}, [3]string{"時間"}, [3]string{"日間"}, never, "%d%s", "ブラウザー", "%s（%s）"},
}

// The kinds of numbers, as CLDR tells them for whole numbers.
func oneOrMore(n int) int { return kind(n == 1, false) }
func belowTwo(n int) int  { return kind(n < 2, false) }
func never(int) int       { return 0 }

func polish(n int) int { return kind(n == 1, n%10 >= 2 && n%10 <= 4 && n/10%10 != 1) }

func ukrainian(n int) int {
	return kind(n%10 == 1 && n%100 != 11, n%10 >= 2 && n%10 <= 4 && n/10%10 != 1)
}

// kind is the first form, the second one of three, or the last.
func kind(one, few bool) int {
	switch {
	case one:
		return 0
	case few:
		return 1
	}
	return 2
}

// span writes a duration for people, in the largest unit that divides it.
func (w words) span(d time.Duration) string {
	d = d.Round(time.Minute)
	if d < time.Minute {
		return w.less
	}
	unit, name := time.Minute, w.minute
	switch {
	case d%(24*time.Hour) == 0 && d > 24*time.Hour: // "24 hours" is plainer than "1 day"
		unit, name = 24*time.Hour, w.day
	case d%time.Hour == 0:
		unit, name = time.Hour, w.hour
	}
	n := int(d / unit)
	i := w.plural(n)
	for name[i] == "" { // a language with two forms
		i--
	}
	return fmt.Sprintf(w.count, n, name[i])
}

// program says what a request came from.
func (w words) program(p agent.Words) string {
	name := p.Name
	if p.Unnamed {
		name = w.browser
	}
	if p.System == "" || name == "" {
		return name
	}
	return fmt.Sprintf(w.on, name, p.System)
}
