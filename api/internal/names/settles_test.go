package names_test

import (
	"strings"
	"testing"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
	"github.com/stretchr/testify/require"
)

// A POST comes to say where what it made is listed: found in the description, or
// said in the overlay.
func TestSettles(t *testing.T) {
	const (
		object = "{type: object, properties: {"
		create = "    Create: " + object + "name: {type: string}, size: {type: integer}, secret: {type: string, x-oapi-codegen-extra-tags: {sensitive: 'true'}}, tags: {type: array, items: {type: string}}, start: {type: string, format: date-time}, id: {type: string}}}\n"
		same   = "start: {type: string, format: date-time}, id: {type: string}, name: {type: string}, size: {type: integer}, secret: {type: string}, tags: {type: array, items: {type: string}}"
		time   = "created_at: {type: string, format: date-time}"
		post   = "{target: \"$.paths['/things'].post\", update: {x-go-settle: "
		none   = "    Thing: " + object + "id: {type: string}}}\n"
		log    = "    Entry: {oneOf: [" + object + "from: {type: string}, " + time + "}}, " + object + time + "}}]}\n"
	)
	path := func(path, id string) string {
		of := pipelinetest.Returns("Thing")
		params := ""
		for name := range strings.SplitSeq(strings.ReplaceAll(path, "}", "{"), "{") {
			if !strings.Contains(name, "/") && name != "" {
				params += "{name: " + name + ", in: path, required: true, schema: {type: string}}, "
			}
		}
		return "  " + path + ":\n    parameters: [" + strings.TrimSuffix(params, ", ") + "]\n    get: {operationId: get_" + id + ", " + of + "}\n" +
			"    patch: {operationId: update_" + id + ", requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Change'}}}}, " + of + "}\n"
	}
	for _, test := range []struct {
		name, schemas, overlay string
		paths                  string // before those of things
		noUpdate               bool
		want, err              string
	}{
		{name: "members of the entries", schemas: "    Thing: " + object + same + ", " + time + "}}\n",
			want: "{list: ListThings, path: /things, match: {/name: /name, /size: /size}, created: /created_at}"},
		{name: "in an object of the entries", schemas: "    Thing: " + object + "name_of: {type: string}, " + time + ", thing: " + object + same + "}}}}\n",
			want: "{list: ListThings, path: /things, match: {/thing/name: /name, /thing/size: /size}, created: /created_at}"},
		{name: "rather not in an object", schemas: "    Thing: " + object + "name: {type: string}, " + time + ", last: " + object + same + "}}}}\n",
			want: "{list: ListThings, path: /things, match: {/name: /name}, created: /created_at}"},
		{name: "where the update has the settings", schemas: "    Thing: " + object + "name: {type: string}, " + time + ", thing: " + object + "label: {type: string}}}}}\n",
			overlay: "{target: \"$.paths['/things/{id}'].patch\", update: {x-go-edit: {settings: thing, names: {name: label}}}}",
			want:    "{list: ListThings, path: /things, match: {/thing/label: /name}, created: /created_at}"},
		{name: "another name, as the update has it", schemas: "    Thing: " + object + "label: {type: string}, name: {type: string}, size: {type: integer}, " + time + "}}\n",
			overlay: "{target: \"$.paths['/things/{id}'].patch\", update: {x-go-edit: {names: {name: label}}}}",
			want:    "{list: ListThings, path: /things, match: {/label: /name, /size: /size}, created: /created_at}"},
		{name: "in the object that has most, without an update", noUpdate: true, schemas: "    Thing: " + object + "size: {type: integer}, " + time + ", thing: " + object + same + "}}}}\n",
			want: "{list: ListThings, path: /things, match: {/thing/name: /name, /thing/size: /size}, created: /created_at}"},
		{name: "rather not in an object, without an update", noUpdate: true, schemas: "    Thing: " + object + "name: {type: string}, " + time + ", last: " + object + same + "}}}}\n",
			want: "{list: ListThings, path: /things, match: {/name: /name}, created: /created_at}"},
		{name: "where the update has settings that the creation lacks", schemas: "    Thing: " + object + "name: {type: string}, " + time + ", thing: " + object + "label: {type: string}}}}}\n",
			overlay: "{target: \"$.paths['/things/{id}'].patch\", update: {x-go-edit: {settings: thing}}}",
			want:    "{list: ListThings, path: /things, match: {/name: /name}, created: /created_at}"},
		{name: "not as updates of something else have it", schemas: "    Thing: " + object + "label: {type: string}, name: {type: string}, " + time + "}}\n",
			paths:   path("/others/{id}", "other") + path("/things/default", "default") + path("/things/{id}/parts/{part}", "part"),
			overlay: "{target: \"$.paths['/others/{id}','/things/default','/things/{id}/parts/{part}'].patch\", update: {x-go-edit: {names: {name: label}}}}",
			want:    "{list: ListThings, path: /things, match: {/name: /name}, created: /created_at}"},
		{name: "values of other types", schemas: "    Thing: " + object + "name: {type: string}, size: {type: array, items: {type: string}}, tags: {type: string}, " + time + "}}\n",
			want: "{list: ListThings, path: /things, match: {/name: /name}, created: /created_at}"},
		{name: "entries of several kinds", schemas: "    Thing: {oneOf: [" + object + "name: {type: string}, " + time + "}}, " + object + "size: {type: integer}, " + time + "}}]}\n"},
		{name: "no time", schemas: "    Thing: " + object + same + "}}\n"},
		{name: "nothing in common", schemas: "    Thing: " + object + "label: {type: string}, " + time + "}}\n"},
		{name: "in a log", schemas: none, overlay: post + "{list: list_logs, match: {/from: /params/from}}}}",
			want: "{list: ListLogs, path: /logs, match: {/from: /params/from}, created: /created_at}"},
		{name: "beside a GET that is no list", schemas: none,
			paths: "  /mottos:\n    get: {operationId: get_motto, " + pipelinetest.Returns("Change") + "}\n    post: {operationId: create_motto, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Create'}}}}, " + pipelinetest.Returns("Change") + "}\n"},
		{name: "no list", schemas: none, overlay: post + "{list: get_about, match: {/from: /from}}}}", err: "have no created_at"},
		{name: "no such list", schemas: none, overlay: post + "{list: list_none, match: {/from: /from}}}}", err: "no operation lists what it creates"},
		{name: "nothing to match", schemas: none, overlay: post + "{list: list_logs}}}", err: "the request and the entries of the list have no values in common"},
		{name: "no time in the list", schemas: none, overlay: post + "{list: list_things, match: {/from: /from}}}}", err: "have no created_at"},
		{name: "something else", schemas: none, overlay: post + "{list: list_logs, wait: 1}}}", err: "x-go-settle"},
		{name: "of a GET", schemas: none, overlay: "{target: \"$.paths['/things'].get\", update: {x-go-settle: {list: list_logs}}}", err: "the operation is not a POST"},
	} {
		t.Run(test.name, func(t *testing.T) {
			overlay := pipelinetest.NoChange
			if test.overlay != "" {
				overlay = strings.Replace(pipelinetest.NoChange, "actions: [", "actions: ["+test.overlay+", ", 1)
			}
			page := func(item string) string {
				return object + "data: {type: array, items: {$ref: '#/components/schemas/" + item + "'}}}}\n"
			}
			update := path("/things/{id}", "thing")
			if test.noUpdate {
				update = strings.Replace(update, "    patch:", "    delete:", 1)
			}
			document := pipelinetest.HeadB + "paths:\n  /about:\n    get: {operationId: get_about, " + pipelinetest.Returns("Change") + "}\n" + test.paths + "  /things:\n" +
				"    post: {operationId: create_thing, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Create'}}}}, " + pipelinetest.Returns("Thing") + "}\n" +
				"    get: {operationId: list_things, " + pipelinetest.Returns("Things") + "}\n" + update +
				"  /logs:\n    get: {operationId: list_logs, " + pipelinetest.Returns("Logs") + "}\n" +
				"components:\n  schemas:\n    Change: " + object + "name: {type: string}}}\n" + create + log + "    Things: " + page("Thing") + "    Logs: " + page("Entry") + test.schemas
			sources := pipelinetest.Sources{Documents: pipelinetest.Texts(document), Overlay: overlay, Config: "package: gen\ngenerate: {models: true}\n"}
			got := pipelinetest.Run(t, sources)
			if test.err != "" {
				if test.name == "something else" {
					require.Contains(t, got.Err, test.err)
				} else { // A new version may lack what the overlay is for.
					require.Empty(t, got.Err)
					require.Contains(t, got.Report, test.err)
					require.NotContains(t, got.YAML, "x-go-settle")
				}
				return
			}
			require.Empty(t, got.Err)
			_, after, found := strings.Cut(got.YAML, "x-go-settle: ")
			if test.want == "" {
				require.False(t, found, got.YAML)
				return
			}
			require.True(t, found, got.YAML)
			require.True(t, strings.HasPrefix(after, test.want), after)
		})
	}
}
