package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireErrors runs the command and compares all it reports; then nothing may
// have been written.
func requireErrors(t *testing.T, want []string, overlay string, documents ...string) {
	t.Helper()
	r := runMerge(t, overlay, documents...)
	require.Equal(t, want, strings.Split(strings.TrimSuffix(r.stderr, "\n"), "\n"))
	require.Equal(t, 1, r.code)
	require.Equal(t, "", r.left, "files written in spite of the errors")
}

func TestErrors(t *testing.T) {
	t.Parallel()
	server := func(url string) string {
		return "openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\nservers: [{url: '" + url + "'}]\npaths: {}\n"
	}
	for _, test := range []struct {
		name      string
		documents []string
		want      []string
	}{
		// The files.
		{"empty file", []string{""}, []string{`merge: a.yaml: the file is empty`}},
		{"only a comment", []string{"# nothing\n"}, []string{`merge: a.yaml: the file is empty`}},
		{"no mapping", []string{"\n- a\n"}, []string{`merge: a.yaml:2: expected a mapping at the top, found a list`}},
		{"null", []string{"---\n"}, []string{`merge: a.yaml:2: expected a mapping at the top, found null`}},
		{"several documents", []string{headB + "paths: {}\n---\na: b\n"}, []string{`merge: a.yaml: has several YAML documents; put each into a file of its own`}},
		{"no YAML, in both files", []string{"a: [\n", "a: b: c\n"}, []string{
			`merge: a.yaml:1: did not find expected node content`,
			`merge: b.yaml:1: mapping values are not allowed in this context`,
		}},
		{"duplicate keys", []string{headB + "paths:\n  /x:\n    get: {}\n    put: {}\n    get: {}\n  /x: {}\n"}, []string{
			`merge: a.yaml:8: the key "get" occurs twice; the first is at a.yaml:6`,
			`merge: a.yaml:9: the key "/x" occurs twice; the first is at a.yaml:5`,
		}},
		{"one key as number and text", []string{headB + "paths:\n  /x: {get: {responses: {200: {}, '200': {}}}}\n"}, []string{
			`merge: a.yaml:5: the key "200" occurs twice; the first is at a.yaml:5`,
		}},
		{"anchor and alias", []string{headB + "paths:\n  /x: &x {}\n  /y: *x\n"}, []string{
			`merge: a.yaml:5: YAML anchors and aliases are not supported; write the value out`,
			`merge: a.yaml:6: YAML anchors and aliases are not supported; write the value out`,
		}},
		{"alias of itself", []string{headB + "paths: &x\n  /x: *x\n"}, []string{
			`merge: a.yaml:4: YAML anchors and aliases are not supported; write the value out`,
		}},
		{"merge key", []string{headB + "paths:\n  <<: {/x: {}}\n"}, []string{`merge: a.yaml:5: << is a YAML merge key; quote it if it is text`}},
		{"tag", []string{headB + "paths: {}\nx-a: !!binary aGk=\n"}, []string{`merge: a.yaml:5: the YAML tag !!binary is not supported; remove it`}},
		{"mapping as key", []string{headB + "paths: {}\nx-a:\n  ? {a: b}\n  : c\n"}, []string{`merge: a.yaml:6: a key has to be a string, not a mapping`}},
		{"numbers that JSON does not have", []string{headB + "paths: {}\nx-a: [0x1F, 0123, 1_000, .inf, .5, 0.5]\n"}, []string{
			`merge: a.yaml:5: 0x1F is not a number as JSON writes it; quote it if it is text`,
			`merge: a.yaml:5: 0123 is not a number as JSON writes it; quote it if it is text`,
			`merge: a.yaml:5: 1_000 is not a number as JSON writes it; quote it if it is text`,
			`merge: a.yaml:5: .inf is not a number as JSON writes it; quote it if it is text`,
			`merge: a.yaml:5: .5 is not a number as JSON writes it; quote it if it is text`,
		}},
		{"too deep", []string{headB + "paths: {}\nx-a: " + strings.Repeat("[", 201) + strings.Repeat("]", 201) + "\n"}, []string{
			`merge: a.yaml:5: nested more than 200 levels deep`,
		}},

		// One document.
		{"other versions", []string{"swagger: '2.0'\n", "openapi: 3.0.3\n", "openapi: 3.2.0\n", "paths: {}\n"}, []string{
			`merge: a.yaml:1: expected openapi: 3.1.x, found "2.0"; convert the document to OpenAPI 3.1`,
			`merge: b.yaml:1: expected openapi: 3.1.x, found "3.0.3"; convert the document to OpenAPI 3.1`,
			`merge: c.yaml:1: expected openapi: 3.1.x, found "3.2.0"; convert the document to OpenAPI 3.1`,
			`merge: d.yaml:1: expected openapi: 3.1.x, found nothing; convert the document to OpenAPI 3.1`,
		}},
		{"unknown field", []string{headB + "paths: {}\npathes: {}\n"}, []string{`merge: a.yaml:5: unknown field "pathes" in an OpenAPI 3.1 document`}},
		{"nothing in it", []string{headB}, []string{`merge: a.yaml: has neither paths nor webhooks nor components; there is nothing to merge`}},
		{"no title, no version", []string{"openapi: 3.1.0\ninfo: {version: []}\nservers: [{url: 'https://x.example'}]\npaths: {}\n"}, []string{
			`merge: a.yaml: expected a text as info.title, found nothing`,
			`merge: a.yaml: expected a text as info.version, found a list`,
		}},
		{"no server", []string{"openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\npaths: {}\n"}, []string{
			`merge: a.yaml: has no server; declare the one that its paths are relative to, as in servers: [{url: 'https://example.com/api'}]`,
		}},
		{"two servers", []string{"openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\npaths: {}\nservers: [{url: 'https://a.example'}, {url: 'https://b.example'}]\n"}, []string{
			`merge: a.yaml:4: expected one server, found 2; leave the one that the paths are relative to`,
		}},
		{"relative server", []string{server("/api")}, []string{
			`merge: a.yaml:3: the server's url "/api" has to be a scheme, a host and a path without variables, as in servers: [{url: 'https://example.com/api'}]`,
		}},
		{"server without url", []string{"openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\nservers: [{}]\npaths: {}\n"}, []string{
			`merge: a.yaml:3: the server's url "" has to be a scheme, a host and a path without variables, as in servers: [{url: 'https://example.com/api'}]`,
		}},
		{"variable in the base path", []string{server("https://x.example/{version}")}, []string{
			`merge: a.yaml:3: the server's url "https://x.example/{version}" has to be a scheme, a host and a path without variables, as in servers: [{url: 'https://example.com/api'}]`,
		}},
		{"query in the server", []string{server("https://x.example/api?q")}, []string{
			`merge: a.yaml:3: the server's url "https://x.example/api?q" has to be a scheme, a host and a path without variables, as in servers: [{url: 'https://example.com/api'}]`,
		}},
		{"servers of a path and an operation", []string{headA + "paths:\n  /x:\n    servers: []\n    get:\n      servers: []\n"}, []string{
			`merge: a.yaml:6: servers of a path or operation cannot be folded into its path; declare one server at the top`,
			`merge: a.yaml:8: servers of a path or operation cannot be folded into its path; declare one server at the top`,
		}},
		{"path without a slash", []string{headA + "paths:\n  x: {}\n"}, []string{`merge: a.yaml:5: the path "x" has to begin with a slash`}},
		{"reference to a path that moves", []string{headA + "paths:\n  /x: {}\n  /y:\n    $ref: '#/paths/~1x'\n  /z:\n    get: {responses: {200: {links: {l: {operationRef: '#/paths/~1x/get'}}}}}\n"}, []string{
			`merge: a.yaml:7: $ref "#/paths/~1x" points at a path, which will begin with /api/a; move what it points at to components`,
			`merge: a.yaml:9: operationRef "#/paths/~1x/get" points at a path, which will begin with /api/a; move what it points at to components`,
		}},

		// Several documents.
		{"versions differ", []string{headB + "paths: {}\n", strings.Replace(headB, "3.1.0", "3.1.1", 1) + "paths: {}\n"}, []string{
			`merge: openapi differs between a.yaml:1 and b.yaml:1, "3.1.0" against "3.1.1"; make them equal, or rename or remove one`,
		}},
		{"origins differ", []string{server("https://x.example/api"), server("https://y.example/api")}, []string{
			`merge: servers differs between a.yaml:3 and b.yaml:3, first at /0/url: "https://x.example" against "https://y.example"; make them equal, or rename or remove one`,
		}},
		{"server variables in one document", []string{
			strings.Replace(headB, "'}", "', variables: {v: {default: d}}}", 1) + "paths: {}\n", headB + "paths: {}\n",
		}, []string{
			`merge: servers differs between a.yaml:3 and b.yaml:3, first at /0/variables: a mapping against nothing; make them equal, or rename or remove one`,
		}},
		{"info differs", []string{
			strings.Replace(headB, "}", ", contact: {name: A}}", 1) + "paths: {}\n", strings.Replace(headB, "}", ", contact: {name: B}}", 1) + "paths: {}\n",
		}, []string{
			`merge: info.contact differs between a.yaml:2 and b.yaml:2, first at /name: "A" against "B"; make them equal, or rename or remove one`,
		}},
		{"tags, documentation, dialect and extensions differ", []string{
			headB + "paths: {}\ntags: [{name: t}]\nexternalDocs: {url: a}\njsonSchemaDialect: a\nx-a: 1\n",
			headB + "paths: {}\nx-a: '1'\ntags:\n  - {name: t, description: d}\nexternalDocs: {url: b}\njsonSchemaDialect: b\n",
		}, []string{
			`merge: x-a differs between a.yaml:8 and b.yaml:5, 1 against "1"; make them equal, or rename or remove one`,
			`merge: tag "t" differs between a.yaml:5 and b.yaml:7, first at /description: nothing against "d"; make them equal, or rename or remove one`,
			`merge: externalDocs differs between a.yaml:6 and b.yaml:8, first at /url: "a" against "b"; make them equal, or rename or remove one`,
			`merge: jsonSchemaDialect differs between a.yaml:7 and b.yaml:9, "a" against "b"; make them equal, or rename or remove one`,
		}},
		{"names are escaped in pointers", []string{headB + "paths: {}\nx-a: {a/b~c: 1}\n", headB + "paths: {}\nx-a: {a/b~c: 2}\n"}, []string{
			`merge: x-a differs between a.yaml:5 and b.yaml:5, first at /a~1b~0c: 1 against 2; make them equal, or rename or remove one`,
		}},
		{"long texts are shown in part", []string{headB + "paths: {}\nx-a: a\n", headB + "paths: {}\nx-a: " + strings.Repeat("ä", 61) + "\n"}, []string{
			`merge: x-a differs between a.yaml:5 and b.yaml:5, "a" against "` + strings.Repeat("ä", 60) + `"...; make them equal, or rename or remove one`,
		}},
		{"operations differ", []string{
			headA + "paths:\n  /x:\n    get: {tags: [a, b]}\n    put: {}\n",
			headB + "paths:\n  /api/a/x:\n    get: {tags: [b, a]}\n    put: {responses: {a/b~c: {}}}\n",
		}, []string{
			`merge: GET /api/a/x differs between a.yaml:6 and b.yaml:6, first at /tags/0: "a" against "b"; make them equal, or rename or remove one`,
			`merge: PUT /api/a/x differs between a.yaml:7 and b.yaml:7, first at /responses: nothing against a mapping; make them equal, or rename or remove one`,
		}},
		{"equal operations with different security", []string{
			headB + "security: [{basic: []}]\npaths:\n  /x:\n    get: {}\n", headB + "paths:\n  /x:\n    get: {}\n",
		}, []string{
			`merge: GET /x differs between a.yaml:7 and b.yaml:6, first at /security: a list against nothing; make them equal, or rename or remove one`,
		}},
		{"security without operations", []string{headB + "paths: {/x: {get: {}}}\n", headB + "components: {}\nsecurity: [{basic: []}]\n"}, []string{
			`merge: b.yaml:5: security applies to no operation of this document; delete it`,
		}},
		{"webhooks differ", []string{headA + "webhooks: {w: {post: {summary: a}}}\n", headB + "webhooks: {w: {post: {}}}\n"}, []string{
			`merge: POST webhook w differs between a.yaml:4 and b.yaml:4, first at /summary: "a" against nothing; make them equal, or rename or remove one`,
		}},
		{"path items differ in what applies to all methods", []string{
			headB + "paths:\n  /x:\n    get: {}\n  /y:\n    x-a: 1\n  /z: [1]\n", headB + "paths:\n  /x:\n    put: {}\n    parameters: []\n  /y:\n    x-a: 2\n  /z: [2]\n",
		}, []string{
			`merge: /x differs between a.yaml:5 and b.yaml:5, first at /parameters: nothing against a list; make them equal, or rename or remove one`,
			`merge: /y differs between a.yaml:7 and b.yaml:8, first at /x-a: 1 against 2; make them equal, or rename or remove one`,
			`merge: /z differs between a.yaml:9 and b.yaml:10, first at /0: 1 against 2; make them equal, or rename or remove one`,
		}},
		{"components differ", []string{
			headB + "components:\n  schemas:\n    S: {properties: {a/b: {type: string}}, required: [a]}\n  responses:\n    R: {}\n  x-a: {b: 1}\n",
			headB + "components:\n  responses:\n    R: []\n  schemas:\n    S: {required: [a, b], properties: {a/b: {type: string}}}\n  x-a: {b: 1, c: 2}\n",
		}, []string{
			`merge: components.responses.R differs between a.yaml:8 and b.yaml:6, a mapping against a list; make them equal, or rename or remove one`,
			`merge: components.schemas.S differs between a.yaml:6 and b.yaml:8, first at /required/1: nothing against "b"; make them equal, or rename or remove one`,
			`merge: components.x-a differs between a.yaml:9 and b.yaml:9, first at /c: nothing against 2; make them equal, or rename or remove one`,
		}},
		{"a section that is no mapping does not vanish", []string{
			headB + "components: {schemas: {S: {}}}\npaths: {}\ntags: []\n", headB + "components: {schemas: [S]}\npaths:\ntags: {name: t}\n",
		}, []string{
			`merge: schemas differs between a.yaml:4 and b.yaml:4, a mapping against a list; make them equal, or rename or remove one`,
			`merge: paths differs between a.yaml:5 and b.yaml:5, a mapping against null; make them equal, or rename or remove one`,
			`merge: tags differs between a.yaml:6 and b.yaml:6, a list against a mapping; make them equal, or rename or remove one`,
		}},

		// The merged description.
		{"operationId used twice, in one document and in two", []string{
			headA + "paths:\n  /x:\n    get: {operationId: i}\n    put: {operationId: i}\n",
			headB + "paths: {}\nwebhooks:\n  w:\n    post: {operationId: i}\ncomponents:\n  callbacks:\n    c:\n      '{$url}':\n        get: {operationId: i}\n",
		}, []string{
			`merge: operationId "i" is used at a.yaml:6 (GET /api/a/x) and at a.yaml:7 (PUT /api/a/x); rename one, for example in the overlay:`,
			"  - target: $.paths['/api/a/x'].put", "    description: Another operation has this name, too.", "    update:", "      operationId: i_a_x",
			`merge: operationId "i" is used at a.yaml:6 (GET /api/a/x) and at b.yaml:7 (webhook POST w); rename one`,
			`merge: operationId "i" is used at a.yaml:6 (GET /api/a/x) and at b.yaml:12 (callback c GET {$url}); rename one`,
		}},
		{"references", []string{
			headB + "components:\n  schemas:\n    S: {$ref: other.yaml}\n    T:\n      items: {$ref: '#/components/schemas/U'}\n    V: {$ref: '#/tags/1'}\n    W: {$ref: '#/tags/x'}\n    Z: {$ref: '#/%zz'}\n    default: {$ref: '#/components/schemas/~1'}\n    Y: {properties: {$ref: '#/properties'}}\n",
			headB + "paths:\n  /x:\n    get:\n      responses:\n        default: {$ref: '#/components/responses/R'}\ntags: [{name: t}]\n",
		}, []string{
			`merge: a.yaml:6: $ref "other.yaml" leaves the document; it has to begin with #/`,
			`merge: a.yaml:8: $ref "#/components/schemas/U" points at nothing in the merged description`,
			`merge: a.yaml:9: $ref "#/tags/1" points at nothing in the merged description`,
			`merge: a.yaml:10: $ref "#/tags/x" points at nothing in the merged description`,
			`merge: a.yaml:11: $ref "#/%zz" points at nothing in the merged description`,
			`merge: a.yaml:12: $ref "#/components/schemas/~1" points at nothing in the merged description`,
			`merge: a.yaml:13: $ref "#/properties" points at nothing in the merged description`,
			`merge: b.yaml:8: $ref "#/components/responses/R" points at nothing in the merged description`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			requireErrors(t, test.want, "", test.documents...)
		})
	}
}

func TestFileErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	large, missing := filepath.Join(dir, "large.yaml"), filepath.Join(dir, "missing.yaml")
	require.NoError(t, os.WriteFile(large, nil, 0o600))
	require.NoError(t, os.Truncate(large, maxFileSize+1))
	out := filepath.Join(dir, "out.yaml")
	var stderr strings.Builder
	require.Equal(t, 1, run([]string{"-out", out, large, missing}, &stderr))
	require.Equal(t, "merge: "+large+": larger than 16 MiB; this is no description of an API\n"+
		"merge: stat "+missing+": no such file or directory\n", stderr.String())
	require.NoFileExists(t, out)
}

func TestOutputIsReplacedOnlyOnSuccess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out, jsonOut := filepath.Join(dir, "in.yaml"), filepath.Join(dir, "out.yaml"), filepath.Join(dir, "out.json")
	for name, text := range map[string]string{in: headB + "paths: {}\n", out: "before", jsonOut: "before"} {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	requireFiles := func(names ...string) {
		t.Helper()
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		var found []string
		for _, entry := range entries {
			found = append(found, entry.Name())
		}
		require.Equal(t, names, found)
	}
	var stderr strings.Builder

	// The JSON cannot be written: the YAML stays, too.
	require.Equal(t, 1, run([]string{"-out", out, "-json", filepath.Join(dir, "no", "out.json"), in}, &stderr))
	require.Contains(t, stderr.String(), "no such file or directory")
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, "before", string(text))
	stderr.Reset()
	require.Equal(t, 1, run([]string{"-out", out, "-json", dir, in}, &stderr))
	require.Equal(t, "merge: "+dir+": is a folder\n", stderr.String())
	text, err = os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, "before", string(text))
	requireFiles("in.yaml", "out.json", "out.yaml")

	require.Equal(t, 0, run([]string{"-out", out, "-json", jsonOut, in}, &stderr))
	text, err = os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, "# Code generated by api/merge from in.yaml. DO NOT EDIT.\n"+headB+"paths: {}\n", string(text))
	info, err := os.Stat(out)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode().Perm())
	text, err = os.ReadFile(jsonOut)
	require.NoError(t, err)
	require.Equal(t, `{"openapi":"3.1.0","info":{"title":"B","version":"1.0.0"},"servers":[{"url":"https://x.example"}],"paths":{}}`+"\n", string(text))
	requireFiles("in.yaml", "out.json", "out.yaml")
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"nothing", nil, 2, "merge: needs -out and at least one OpenAPI document\n"},
		{"no document", []string{"-out", "o.yaml"}, 2, "merge: needs -out and at least one OpenAPI document\n"},
		{"no output", []string{"a.yaml"}, 2, "merge: needs -out and at least one OpenAPI document\n"},
		{"unknown flag", []string{"-o", "o.yaml", "a.yaml"}, 2, "flag provided but not defined: -o\n"},
		{"output is a document", []string{"-out", "a.yaml", "a.yaml"}, 2, "merge: an output would overwrite another file of the command line; choose another name\n"},
		{"JSON is the overlay", []string{"-out", "o.yaml", "-json", "c.yaml", "-overlay", "c.yaml", "a.yaml"}, 2, "merge: an output would overwrite another file of the command line; choose another name\n"},
		{"JSON is the output", []string{"-out", "o.yaml", "-json", "o.yaml", "a.yaml"}, 2, "merge: an output would overwrite another file of the command line; choose another name\n"},
		{"help", []string{"-h"}, 0, "usage: merge [-overlay FILE] [-foreign [-report FILE]] -out FILE [-json FILE] DOCUMENT...\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var stderr strings.Builder
			require.Equal(t, test.code, run(test.args, &stderr))
			require.True(t, strings.HasPrefix(stderr.String(), test.want), stderr.String())
		})
	}
}
