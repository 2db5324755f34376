package merge_test

import (
	"strings"
	"testing"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/pipelinetest"
)

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
		{"empty file", []string{""}, []string{`api: a.yaml: the file is empty`}},
		{"only a comment", []string{"# nothing\n"}, []string{`api: a.yaml: the file is empty`}},
		{"no mapping", []string{"\n- a\n"}, []string{`api: a.yaml:2: expected an object at the top, found an array`}},
		{"null", []string{"---\n"}, []string{`api: a.yaml:2: expected an object at the top, found null`}},
		{"several documents", []string{pipelinetest.HeadB + "paths: {}\n---\na: b\n"}, []string{`api: a.yaml: has several YAML documents; put each into a file of its own`}},
		{"no YAML, in both files", []string{"a: [\n", "a: b: c\n"}, []string{
			`api: a.yaml:1: did not find expected node content`,
			`api: b.yaml:1: mapping values are not allowed in this context`,
		}},
		{"duplicate keys", []string{pipelinetest.HeadB + "paths:\n  /x:\n    get: {}\n    put: {}\n    get: {}\n  /x: {}\n"}, []string{
			`api: a.yaml:8: the key "get" occurs twice; the first is at a.yaml:6`,
			`api: a.yaml:9: the key "/x" occurs twice; the first is at a.yaml:5`,
		}},
		{"one key as number and text", []string{pipelinetest.HeadB + "paths:\n  /x: {get: {responses: {200: {}, '200': {}}}}\n"}, []string{
			`api: a.yaml:5: the key "200" occurs twice; the first is at a.yaml:5`,
		}},
		{"anchor and alias", []string{pipelinetest.HeadB + "paths:\n  /x: &x {}\n  /y: *x\n"}, []string{
			`api: a.yaml:5: YAML anchors and aliases are not supported; write the value out`,
			`api: a.yaml:6: YAML anchors and aliases are not supported; write the value out`,
		}},
		{"alias of itself", []string{pipelinetest.HeadB + "paths: &x\n  /x: *x\n"}, []string{
			`api: a.yaml:4: YAML anchors and aliases are not supported; write the value out`,
		}},
		{"merge key", []string{pipelinetest.HeadB + "paths:\n  <<: {/x: {}}\n"}, []string{`api: a.yaml:5: << is a YAML merge key; quote it if it is text`}},
		{"tag", []string{pipelinetest.HeadB + "paths: {}\nx-a: !!binary aGk=\n"}, []string{`api: a.yaml:5: the YAML tag !!binary is not supported; remove it`}},
		{"mapping as key", []string{pipelinetest.HeadB + "paths: {}\nx-a:\n  ? {a: b}\n  : c\n"}, []string{`api: a.yaml:6: a key has to be a string, not an object`}},
		{"numbers that JSON does not have", []string{pipelinetest.HeadB + "paths: {}\nx-a: [0x1F, 0123, 1_000, .inf, .5, 0.5]\n"}, []string{
			`api: a.yaml:5: 0x1F is not a number as JSON writes it; quote it if it is text`,
			`api: a.yaml:5: 0123 is not a number as JSON writes it; quote it if it is text`,
			`api: a.yaml:5: 1_000 is not a number as JSON writes it; quote it if it is text`,
			`api: a.yaml:5: .inf is not a number as JSON writes it; quote it if it is text`,
			`api: a.yaml:5: .5 is not a number as JSON writes it; quote it if it is text`,
		}},

		// One document.
		{"other versions", []string{"swagger: '2.0'\n", "openapi: 4.0.0\n", "openapi: 3.2.0\n", "paths: {}\n"}, []string{
			`api: a.yaml:1: expected openapi: 3.0.x or 3.1.x, found "2.0"`,
			`api: b.yaml:1: expected openapi: 3.0.x or 3.1.x, found "4.0.0"`,
			`api: c.yaml:1: expected openapi: 3.0.x or 3.1.x, found "3.2.0"`,
			`api: d.yaml:1: expected openapi: 3.0.x or 3.1.x, found nothing`,
		}},
		{"unknown field", []string{pipelinetest.HeadB + "paths: {}\npathes: {}\n"}, []string{`api: a.yaml:5: unknown field "pathes" in an OpenAPI 3.1 document`}},
		{"nothing in it", []string{pipelinetest.HeadB}, []string{`api: a.yaml: has neither paths nor webhooks nor components; there is nothing to merge`}},
		{"no title, no version", []string{"openapi: 3.1.0\ninfo: {version: []}\nservers: [{url: 'https://x.example'}]\npaths: {}\n"}, []string{
			`api: a.yaml: expected a string as info.title, found nothing`,
			`api: a.yaml:2: expected a string as info.version, found an array`,
		}},
		{"no server", []string{"openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\npaths: {}\n"}, []string{
			`api: a.yaml:1: has no server; declare the one that its paths are relative to, as in servers: [{url: 'https://example.com/api'}]`,
		}},
		{"two servers", []string{"openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\npaths: {}\nservers: [{url: 'https://a.example'}, {url: 'https://b.example'}]\n"}, []string{
			`api: a.yaml:4: expected one server, found 2; leave the one that the paths are relative to`,
		}},
		{"relative server", []string{server("/api")}, []string{
			`api: a.yaml:3: the server's url "/api" has to be a scheme, a host and a path without variables, as in servers: [{url: 'https://example.com/api'}]`,
		}},
		{"server without url", []string{"openapi: 3.1.0\ninfo: {title: A, version: 1.0.0}\nservers: [{}]\npaths: {}\n"}, []string{
			`api: a.yaml:3: the server's url "" has to be a scheme, a host and a path without variables, as in servers: [{url: 'https://example.com/api'}]`,
		}},
		{"variable in the base path", []string{server("https://x.example/{version}")}, []string{
			`api: a.yaml:3: the server's url "https://x.example/{version}" has to be a scheme, a host and a path without variables, as in servers: [{url: 'https://example.com/api'}]`,
		}},
		{"query in the server", []string{server("https://x.example/api?q")}, []string{
			`api: a.yaml:3: the server's url "https://x.example/api?q" has to be a scheme, a host and a path without variables, as in servers: [{url: 'https://example.com/api'}]`,
		}},
		{"description that is an object", []string{pipelinetest.HeadA + "paths:\n  /x:\n    get: {description: {a: b}}\n"}, []string{
			`api: a.yaml:6: expected a string as paths./x.get.description, found an object`,
		}},
		{"servers of an operation", []string{
			pipelinetest.HeadA + "paths:\n  /y:\n    get:\n      servers: [{url: 'https://x.example/deep'}]\n",
		}, []string{
			`api: a.yaml:6: the base path of an operation's server has to be that of its path`,
		}},
		{"webhooks", []string{pipelinetest.HeadA + "webhooks:\n  w: {post: {}}\n"}, []string{
			`api: a.yaml:5: webhooks: not supported; events.yaml describes the requests that SignalWire sends`,
		}},
		{"method that HTTP does not have", []string{pipelinetest.HeadA + "paths:\n  /x: {gett: {}}\n"}, []string{`api: a.yaml:5: unknown field "gett" in a path item`}},
		{"path in another file", []string{pipelinetest.HeadA + "paths:\n  /x: {$ref: other.yaml}\n"}, []string{
			`api: a.yaml:5: $ref "other.yaml" is no component of the document; it has to begin with #/components/`,
		}},
		{"path without a slash", []string{pipelinetest.HeadA + "paths:\n  x: {}\n"}, []string{`api: a.yaml:5: the path "x" has to begin with a slash`}},

		// Several documents.
		{"versions differ", []string{pipelinetest.HeadB + "paths: {}\n", strings.Replace(pipelinetest.HeadB, "3.1.0", "3.1.1", 1) + "paths: {}\n"}, []string{
			`api: openapi differs between a.yaml:1 and b.yaml:1, "3.1.0" against "3.1.1"; make them equal, or rename or remove one`,
		}},
		{"origins differ", []string{server("https://x.example/api"), server("https://y.example/api")}, []string{
			`api: servers differs between a.yaml:3 and b.yaml:3, first at /0/url: "https://x.example" against "https://y.example"; make them equal, or rename or remove one`,
		}},
		{"server variables in one document", []string{
			strings.Replace(pipelinetest.HeadB, "'}", "', variables: {v: {default: d}}}", 1) + "paths: {}\n", pipelinetest.HeadB + "paths: {}\n",
		}, []string{
			`api: servers differs between a.yaml:3 and b.yaml:3, first at /0/variables: an object against nothing; make them equal, or rename or remove one`,
		}},
		{"tags, documentation, dialect and extensions differ", []string{
			pipelinetest.HeadB + "paths: {}\ntags: [{name: t}]\nexternalDocs: {url: a}\njsonSchemaDialect: a\nx-a: 1\n",
			pipelinetest.HeadB + "paths: {}\nx-a: '1'\ntags:\n  - {name: t, description: d}\nexternalDocs: {url: b}\njsonSchemaDialect: b\n",
		}, []string{
			`api: x-a differs between a.yaml:8 and b.yaml:5, 1 against "1"; make them equal, or rename or remove one`,
			`api: tag "t" differs between a.yaml:5 and b.yaml:7, first at /description: nothing against "d"; make them equal, or rename or remove one`,
			`api: externalDocs differs between a.yaml:6 and b.yaml:8, first at /url: "a" against "b"; make them equal, or rename or remove one`,
			`api: jsonSchemaDialect differs between a.yaml:7 and b.yaml:9, "a" against "b"; make them equal, or rename or remove one`,
		}},
		{"names are escaped in pointers", []string{pipelinetest.HeadB + "paths: {}\nx-a: {a/b~c: 1}\n", pipelinetest.HeadB + "paths: {}\nx-a: {a/b~c: 2}\n"}, []string{
			`api: x-a differs between a.yaml:5 and b.yaml:5, first at /a~1b~0c: 1 against 2; make them equal, or rename or remove one`,
		}},
		{"long texts are shown in part", []string{pipelinetest.HeadB + "paths: {}\nx-a: a\n", pipelinetest.HeadB + "paths: {}\nx-a: " + strings.Repeat("ä", 61) + "\n"}, []string{
			`api: x-a differs between a.yaml:5 and b.yaml:5, "a" against "` + strings.Repeat("ä", 60) + `"...; make them equal, or rename or remove one`,
		}},
		{"operations differ", []string{
			pipelinetest.HeadA + "paths:\n  /x:\n    get: {tags: [a, b]}\n    put: {}\n",
			pipelinetest.HeadB + "paths:\n  /api/a/x:\n    get: {tags: [b, a]}\n    put: {responses: {a/b~c: {}}}\n",
		}, []string{
			`api: GET /api/a/x differs between a.yaml:6 and b.yaml:6, first at /tags/0: "a" against "b"; make them equal, or rename or remove one`,
			`api: PUT /api/a/x differs between a.yaml:7 and b.yaml:7, first at /responses: nothing against an object; make them equal, or rename or remove one`,
		}},
		{"equal operations with different security", []string{
			pipelinetest.HeadB + "security: [{basic: []}]\npaths:\n  /x:\n    get: {}\n", pipelinetest.HeadB + "paths:\n  /x:\n    get: {}\n",
		}, []string{
			`api: GET /x differs between a.yaml:7 and b.yaml:6, first at /security: an array against nothing; make them equal, or rename or remove one`,
		}},
		{"path items differ in what applies to all methods", []string{
			pipelinetest.HeadB + "paths:\n  /y:\n    x-a: 1\n    summary: a\n", pipelinetest.HeadB + "paths:\n  /y:\n    summary: b\n    x-a: 2\n",
		}, []string{
			`api: paths./y.summary differs between a.yaml:7 and b.yaml:6, "a" against "b"; make them equal, or rename or remove one`,
			`api: paths./y.x-a differs between a.yaml:6 and b.yaml:7, 1 against 2; make them equal, or rename or remove one`,
		}},
		{"components differ", []string{
			pipelinetest.HeadB + "components:\n  schemas:\n    S: {properties: {a/b: {type: string}}, required: [a]}\n  examples:\n    R: {}\n  x-a: {b: 1}\n",
			pipelinetest.HeadB + "components:\n  examples:\n    R: []\n  schemas:\n    S: {required: [a, b], properties: {a/b: {type: string}}}\n  x-a: {b: 1, c: 2}\n",
		}, []string{
			`api: components.examples.R differs between a.yaml:8 and b.yaml:6, an object against an array; make them equal, or rename or remove one`,
			`api: components.schemas.S differs between a.yaml:6 and b.yaml:8, first at /required/1: nothing against "b"; make them equal, or rename or remove one`,
			`api: components.x-a differs between a.yaml:9 and b.yaml:9, first at /c: nothing against 2; make them equal, or rename or remove one`,
		}},
		{"sections that are no mappings", []string{
			pipelinetest.HeadB + "components: {schemas: [S]}\npaths:\ntags: {name: t}\n",
		}, []string{
			`api: a.yaml:4: expected an object as components.schemas, found an array`,
			`api: a.yaml:5: expected an object as paths, found null`,
			`api: a.yaml:6: expected an array as tags, found an object`,
		}},

		// The merged description.
		{"operationId used twice, in one document and in two", []string{
			pipelinetest.HeadA + "paths:\n  /x:\n    get: {operationId: i}\n    put: {operationId: i}\n",
			pipelinetest.HeadB + "paths:\n  /y:\n    post: {operationId: i}\n",
		}, []string{
			`api: operationId "i" is used at a.yaml:6 (GET /api/a/x) and at a.yaml:7 (PUT /api/a/x); rename one, for example in the overlay:`,
			"  - target: $.paths['/api/a/x'].put", "    description: Something else has this name, too.", "    update:", "      operationId: i_a_x",
			`api: operationId "i" is used at a.yaml:6 (GET /api/a/x) and at b.yaml:6 (POST /y); rename one, for example in the overlay:`,
			"  - target: $.paths['/y'].post", "    description: Something else has this name, too.", "    update:", "      operationId: i_y",
		}},
		{"names and types in Go", []string{pipelinetest.HeadB + "paths:\n  /x: {get: {x-go-name: os.Exit(1), externalDocs: {url: \"https://x\\n.example\"}}}\ncomponents:\n  schemas:\n" +
			"    S: {x-go-name: thing, x-go-type: 'map[', properties: {p: {x-go-type: 7}}}\n"}, []string{
			`api: a.yaml:5: expected an exported Go identifier as paths./x.get.x-go-name, found "os.Exit(1)"`,
			`api: a.yaml:5: expected a URL as paths./x.get.externalDocs.url, found "https://x\n.example"`,
			`api: a.yaml:8: expected an exported Go identifier as components.schemas.S.x-go-name, found "thing"`,
			`api: a.yaml:8: expected a Go type as components.schemas.S.x-go-type, found "map["`,
			`api: a.yaml:8: expected a Go type as components.schemas.S.properties.p.x-go-type, found 7`,
		}},
		{"properties that are a reference", []string{pipelinetest.HeadB + "components:\n  schemas:\n    S: {properties: {$ref: '#/properties'}}\n"}, []string{
			`api: a.yaml:6: expected an object as components.schemas.S.properties.$ref, found "#/properties"`,
		}},
		{"references", []string{
			pipelinetest.HeadB + "components:\n  schemas:\n    S: {$ref: other.yaml}\n    T:\n      items: {$ref: '#/components/schemas/U'}\n    V: {$ref: '#/tags/1'}\n    W: {$ref: '#/tags/x'}\n    Z: {$ref: '#/%zz'}\n    default: {$ref: '#/components/schemas/~1'}\n    X: {oneOf: [], discriminator: {propertyName: p, mapping: {a: '#/components/schemas/Q'}}}\n",
			pipelinetest.HeadB + "paths:\n  /x:\n    get:\n      responses:\n        default: {$ref: '#/components/responses/R'}\ntags: [{name: t}]\n",
		}, []string{
			`api: a.yaml:6: $ref "other.yaml" is no component of the document; it has to begin with #/components/`,
			`api: a.yaml:8: $ref "#/components/schemas/U" points at nothing in the document`,
			`api: a.yaml:9: $ref "#/tags/1" is no component of the document; it has to begin with #/components/`,
			`api: a.yaml:10: $ref "#/tags/x" is no component of the document; it has to begin with #/components/`,
			`api: a.yaml:11: $ref "#/%zz" is no component of the document; it has to begin with #/components/`,
			`api: a.yaml:12: $ref "#/components/schemas/~1" points at nothing in the document`,
			`api: a.yaml:13: $ref "#/components/schemas/Q" points at nothing in the document`,
			`api: b.yaml:8: $ref "#/components/responses/R" points at nothing in the document`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			pipelinetest.RequireErrors(t, test.want, "", test.documents...)
		})
	}
}
