# What people type. Each target is a line or two over npm's packages or Pulumi; `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help up preview refresh destroy outputs output run shell logs forward ui login consul query \
	test unit live bench lint typecheck coverage sandbox-up sandbox-down sandbox-status doctor

stack ?= dev
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
installed := node_modules/.package-lock.json
make := tsx sandbox/make/main.ts --stack '$(stack)'

$(installed): package-lock.json package.json
	@echo "installing packages" >&2
	@npm ci --loglevel=error >&2 && touch $@

up: $(installed)             ## bring the stack up, with a sandbox cluster where none is configured
	@$(make) up

preview: $(installed)        ## show what up would change (json=1: for programs)
	@$(make) preview --json '$(json)'

refresh: $(installed)        ## compare the state with the cluster
	@$(make) refresh

destroy: $(installed)        ## take the stack down (yes=1: without asking)
	@$(make) destroy --yes '$(yes)'

outputs: $(installed)        ## print all outputs
	@$(make) outputs

output: $(installed)         ## print one output: name=urls.web
	@$(make) output --name '$(name)'

logs: $(installed)           ## print an app's log: app=worker (follow=1: as it grows)
	@$(make) logs --app '$(app)' --follow '$(follow)'

forward: $(installed)        ## bring an app's service to this machine: app=api (port=8080)
	@$(make) forward --app '$(app)' $(if $(port),--port '$(port)')

ui: $(installed)             ## open an app's web interface here: app=consul (port=8500)
	@$(make) ui --app '$(app)' $(if $(port),--port '$(port)')

login: $(installed)          ## print what to log in with: app=consul
	@$(make) login --app '$(app)'

consul: export RUN_COMMAND = $(value cmd)
consul: $(installed)         ## run Consul's command line: cmd='catalog services'
	@$(make) consul --cmd "$$RUN_COMMAND"

query: export QUERY_PROMQL = $(value promql)
query: $(installed)          ## ask Prometheus: promql='up == 0'
	@$(make) query --promql "$$QUERY_PROMQL"

run: export RUN_COMMAND = $(value cmd)
run: $(installed)            ## run a command as up would: cmd='kubectl get pods -A'
	@$(make) run --cmd "$$RUN_COMMAND"

shell: $(installed)          ## open a shell with the same PATH, KUBECONFIG and PULUMI_*
	@$(make) shell

test: $(installed)           ## run all tests, on the sandbox as well
	@tsx sandbox/main.ts up || echo "no sandbox: what needs one is skipped" >&2
	@npm test --silent

unit: $(installed)           ## run the tests that need no cluster
	@npm run unit --silent

live: $(installed)           ## run the tests against the sandbox
	@tsx sandbox/main.ts up && npm run live --silent

bench: $(installed)          ## measure; writes docs/benchmarks.md
	@npm run bench --silent

coverage: $(installed)       ## run the unit tests and report what they cover
	@npm run coverage --silent

lint: $(installed)           ## check style
	@npm run lint --silent

typecheck: $(installed)      ## check types
	@npm run typecheck --silent

sandbox-up: $(installed)     ## start the sandbox cluster alone
	@tsx sandbox/main.ts up

sandbox-down: $(installed)   ## stop it, delete its data, leave the machine as it was
	@tsx sandbox/main.ts down

sandbox-status: $(installed) ## say what of it is running
	@tsx sandbox/main.ts status

doctor: $(installed)         ## say what this machine lacks for it, and what to do
	@tsx sandbox/main.ts doctor

help:                        ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24
