.PHONY: run test check generate

run: ## serve http://localhost:8080
	go run ./cmd/authgraph

test: ## all that needs nothing but Go
	go test ./...

check: ## every ring: what CI runs
	./scripts/check

generate: ## after a change of ent/schema, schema.graphqls or gqlgen.yml
	go generate ./ent ./graph
