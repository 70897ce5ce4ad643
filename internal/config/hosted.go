package config

import (
	"errors"
	"fmt"

	"github.com/authgraph/authgraph/web"
)

const maxLogo = 1 << 20 // it comes with every visit

// hosted reads what the pages for an application without a front end are, and how
// all pages look.
func hosted(r *reader, c *Config, s *Settings) {
	c.HostedPages = read(r, &s.HostedPages.Value, toggle(true)) && c.Pages
	c.Apps = read(r, &s.AppURL, pageList(c.Production))
	c.BrandName = read(r, &s.BrandName, words(100))
	c.Brand.Color = read(r, &s.BrandColor, color)
	c.Brand.Logo = read(r, &s.BrandLogo, logo)
}

// pageList reads several URLs of pages.
func pageList(production bool) kind[[]string] {
	return func(v *Value) ([]string, error) {
		return each(v, func(item string) (string, error) { return item, checkPage(item, production) })
	}
}

// color reads #rrggbb.
func color(v *Value) (string, error) {
	if v.text == "" || web.IsColor(v.text) {
		return v.text, nil
	}
	return "", showing(v, errors.New("must be # and six hexadecimal digits, such as #0b57d0"))
}

// logo reads a picture.
func logo(v *Value) ([]byte, error) {
	path, err := existing(v)
	if path == "" {
		return nil, err
	}
	picture, err := readFile(path, maxLogo)
	if err == nil && web.LogoType(picture) == "" {
		err = errors.New("the file is no SVG, PNG, JPEG, GIF or WebP")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", quote(v, path), err)
	}
	return picture, nil
}
