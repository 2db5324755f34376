# Everything a maintainer runs. Nothing but Go has to be installed; the tools
# are fetched at these versions.
STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
ACTIONLINT  = go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
REDOCLY     = npx --yes @redocly/cli@2.77.0
BENCHSTAT   = go run golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

.PHONY: generate check fresh lint complete compatible examples redocly changes record test judge bench peers weight chaos soak demo

# Published descriptions to import, in order of precedence; see api/README.md.
DOCS ?= $(REST) $(FABRIC)
OUT  ?= .regenerated

ifeq ($(strip $(DOCS)),)
generate: ## Merge the descriptions and generate gen/ from them.
	go generate ./...
else
generate: ## With DOCS=, or FABRIC= and REST=: import published descriptions into OUT; with INTO=gen, into this module, too; with LOSE=1, although names are lost; with OMIT=1, without operations that are not supported.
	go run ./api/cmd import -out "$(OUT)" $(if $(INTO),-into "$(INTO)") $(if $(LOSE),-lose-names) $(if $(OMIT),-omit) $(DOCS)
endif

check: fresh lint complete compatible examples redocly ## What a change has to pass beside the tests.

GENERATED = api/openapi.yaml api/openapi.json api/names.lock gen/signalwire.gen.go gen/INDEX.md

fresh: ## The generated files are what the sources make, committed or not.
	@before=$$(git hash-object $(GENERATED)) && go generate ./... && \
	test "$$before" = "$$(git hash-object $(GENERATED))" || { echo "fresh: the generated files were not what the sources make; now they are"; exit 1; }

lint: ## gofmt, vet, staticcheck, actionlint.
	test -z "$$(gofmt -l .)" || { gofmt -d .; exit 1; }
	go vet ./...
	$(STATICCHECK) ./...
	$(ACTIONLINT)

complete: ## Every operation of the description is a method of the client, and in the index.
	go test -count=1 -run=TestComplete ./api/internal/index

# OLD is a tag or another revision. By default it is the last tag; before there
# is one, where the work left origin's main, or else the last commit before it.
# The recipes read it as the shell does, so that nothing in it is run.
export OLD NEW

compatible: ## What breaks callers in Go is named in CHANGELOG.md.
	go run ./api/cmd compat "$$OLD"

examples: ## The examples of OLD still compile.
	go run ./api/cmd compat -examples "$$OLD"

redocly: ## The description passes Redocly's linter; .redocly.yaml tells which rules.
	@$(REDOCLY) --version >/dev/null 2>&1 || { echo "redocly: skipped, as npm cannot install it here"; test -z "$$CI"; exit; }; \
	REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(REDOCLY) lint --config .redocly.yaml api/openapi.yaml

changes: ## What NEW changes for callers of OLD: each a revision, or a description, imported or as it is published; by default NEW is the work tree.
	@go run ./api/cmd changes "$$OLD" "$$NEW"

record: ## Record again what oasdiff says about the changes that the change report is tested with.
	go test -count=1 ./api/internal/changes -run=TestCases -record

test: ## All tests, with the race detector, in random order.
	go test -race -shuffle=on ./...

judge: ## The client's requests and the test Space's answers, held against the description by Ajv.
	@cd wrapper/signalwiretest/judge && npm install --no-package-lock --no-audit --no-fund --silent >/dev/null 2>&1 \
		|| { echo "judge: skipped, as npm cannot install ajv here"; exit 0; } && \
	corpus=$$(mktemp) && trap 'rm -f "$$corpus"' EXIT && \
	SIGNALWIRE_JUDGE_CORPUS="$$corpus" go test -count=1 -run TestClientOnEveryOperation .. && \
	node judge.mjs ../../../api/openapi.json "$$corpus"

# How often, and for how long each time, to run what is compared.
ROUNDS    = 10
BENCHTIME = 0.3s

# compare runs the benchmarks $(1) of the package in directory $(2), and shows
# each client $(3) against the first of them. It runs all of them in each round,
# one after another, so that what else the machine does hits all alike.
compare = cd $(2) && dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	go test -c -o "$$dir/bench" . && \
	for round in $$(seq $(ROUNDS)); do \
		"$$dir/bench" -test.run='^$$' -test.bench='$(1)' -test.benchmem -test.benchtime=$(BENCHTIME) >>"$$dir/results" || { cat "$$dir/results"; exit 1; }; \
	done && \
	$(BENCHSTAT) -col '/client@($(3))' "$$dir/results"

bench: ## Against what one writes by hand; the medians and how far they are apart.
	@$(call compare,^Benchmark(Patch|List1000|VoiceLogs)$$,wrapper,floor ours)

peers: ## Against other clients too.
	@cd wrapper/peers && go generate ./...
	@$(call compare,.,wrapper/peers,floor ours oapi-codegen ogen twilio-go)

weight: ## What a program gets by using this library, and whether it is too much.
	go run ./wrapper/weight

# How long chaos lasts, and what is random in it.
DURATION = 1m
SEED     = 1

chaos: ## The client through nginx and HAProxy that are reloaded and killed; skipped where neither is installed.
	go run ./wrapper/internal/chaos -duration $(DURATION) -seed $(SEED)

soak: ## A million calls to a Space in the process that fails in every way.
	go run ./wrapper/internal/soak -seed $(SEED)

demo: ## Both PATCHes against a Space in the process.
	go run ./wrapper/examples/patch
