# Debrief: `make run` starts the product with a month of demo data, `make test` runs everything.
# Needed: Go 1.26, a C compiler, Node 20; for the tests also Chromium and Python 3.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
TAG_SRC := $(wildcard sdk/browser/src/*.ts sdk/browser/*.json sdk/browser/build.mjs)
UI_SRC  := $(shell find ui/src ui/public -type f 2>/dev/null) $(wildcard ui/*.html ui/*.ts ui/*.json ui/scripts/*) internal/api/openapi.yaml

.PHONY: run build test bench scoreboard clean

run: build ## build, then serve with the demo month loaded, on http://127.0.0.1:8080
	bin/debrief serve --data data/demo --demo

build: ui/dist/index.html sdk/browser/dist/tag.js ## bin/debrief, with the web UI and the browser tag inside
	$(GO) build -ldflags "-s -w -X main.version=$(VERSION)" -o bin/debrief ./cmd/debrief

test: build ## all tests: Go, web UI, and the browser against the real server
	@test -d "$${DEBRIEF_SHARED:-../shared}" || echo "No evaluation data at $${DEBRIEF_SHARED:-../shared}: skipping the official SDK clients, the recorded conversations with their true counts, and the vocabulary fixtures."
	$(GO) vet ./...
	$(GO) test -timeout 15m ./...
	cd ui && npm test
	cd ui && npm run e2e
	cd sdk/browser && npm test
	cd sdk/browser && npm run e2e
	cd examples/copilot && npm ci --no-audit --no-fund && npm run e2e

bench: ## the benchmarks of docs/benchmarks.md
	$(GO) run ./bench/cmd

scoreboard: ## the analysers measured on the labelled sets: the table of docs/insights.md
	$(GO) run ./bench/scoreboard -data "$${DEBRIEF_SHARED:-../shared}/data"

clean:
	rm -rf bin ui/node_modules ui/dist/* sdk/browser/node_modules sdk/browser/dist/* examples/copilot/node_modules data/demo

ui/dist/index.html: ui/node_modules/.package-lock.json $(UI_SRC)
	cd ui && npm run build

ui/node_modules/.package-lock.json: ui/package-lock.json
	cd ui && npm ci --no-audit --no-fund

sdk/browser/dist/tag.js: sdk/browser/node_modules/.package-lock.json $(TAG_SRC)
	cd sdk/browser && npm run build

sdk/browser/node_modules/.package-lock.json: sdk/browser/package-lock.json
	cd sdk/browser && npm ci --no-audit --no-fund
