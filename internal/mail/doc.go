// Package mail writes the letters of the program and brings them to their
// readers: by SMTP, or into the development mailbox.
//
// A Renderer makes a Message out of a letter's name, its content and, where
// the letter has one, its token. A Courier renders and hands over to a
// Transport; it is what the outbox calls for each letter that is due.
//
// Three things hold for every letter. Its link begins with a page from the
// settings and never with anything a request said. Text that a person chose
// can become neither a tag nor a link, in whatever client it is read. And a
// letter that tells of something done, a notice, holds no token and no link.
//
// The package must not know accounts, the database or how letters queue: it
// imports neither ent nor auth nor outbox.
package mail
