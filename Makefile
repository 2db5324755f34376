# Everything a maintainer runs. Nothing but Go has to be installed; the tools
# are fetched at these versions.
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
ACTIONLINT  = go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

.PHONY: generate check fresh lint test judge bench demo

# Published descriptions to take in, in order of precedence; see api/README.md.
DOCS ?= $(REST) $(FABRIC)
OUT  ?= .regenerated

ifeq ($(strip $(DOCS)),)
generate: ## Merge the descriptions and generate gen/ from them.
	go generate ./...
else
generate: ## With FABRIC= and REST=, or DOCS=: take in published descriptions, into OUT.
	sh api/take.sh "$(OUT)" $(DOCS)
endif

check: fresh lint ## What a change has to pass beside the tests.

fresh: ## The generated files are what the sources make.
	go generate ./...
	git diff --exit-code -- api gen

lint: ## gofmt, vet, staticcheck, actionlint.
	test -z "$$(gofmt -l .)" || { gofmt -d .; exit 1; }
	go vet ./...
	$(STATICCHECK) ./...
	$(ACTIONLINT)

test: ## All tests, with the race detector, in random order.
	go test -race -shuffle=on ./...

judge: ## The client's requests and the test Space's answers, held against the description by Ajv.
	@cd wrapper/signalwiretest/judge && npm install --no-package-lock --no-audit --no-fund --silent >/dev/null 2>&1 \
		|| { echo "judge: skipped, as npm cannot install ajv here"; exit 0; } && \
	corpus=$$(mktemp) && trap 'rm -f "$$corpus"' EXIT && \
	SIGNALWIRE_JUDGE_CORPUS="$$corpus" go test -count=1 -run TestClientOnEveryOperation .. && \
	node judge.mjs ../../../api/openapi.json "$$corpus"

bench: ## Benchmarks.
	go test -run='^$$' -bench=. -benchmem ./...

demo: ## Both PATCHes against a Space in the process.
	go run ./wrapper/examples/patch
