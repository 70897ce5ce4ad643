package graph

// Elements is for the tests.
var Elements = elements
