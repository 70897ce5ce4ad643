.PHONY: run test check soak generate bench bench-quick

run: ## serve http://localhost:8080
	go run ./cmd/authgraph

test: ## all that needs nothing but Go
	go test ./...

check: ## every ring: what CI runs
	./scripts/check

soak: ## the faults alone, ten times as long (AUTHGRAPH_SOAK=N: N times)
	./scripts/check soak

generate: ## after a change of ent/schema, schema.graphqls or gqlgen.yml
	go generate ./ent ./graph
	go -C examples/go-service generate ./authgraph

bench: ## measure, on a machine that does nothing else: bench/results.md and .svg, in under ten minutes
	go -C bench run . run -o .

bench-quick: ## a minute's run of the same, to see that it works
	go -C bench run . run -quick
