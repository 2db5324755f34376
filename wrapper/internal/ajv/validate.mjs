// An independent check of the client's requests and the test Space's responses:
// it holds both against the merged description with Ajv, which neither of them
// uses.
//
//   node validate.mjs openapi.json corpus.jsonl
//
// The corpus is written by TestClientOnEveryOperation. Exit status 1 if
// anything does not fit the description.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const [descriptionFile, corpusFile] = process.argv.slice(2);
if (!corpusFile) {
  console.error("usage: node validate.mjs openapi.json corpus.jsonl");
  process.exit(2);
}
const description = JSON.parse(readFileSync(descriptionFile, "utf8"));

// OpenAPI 3.1 schemas are JSON Schema 2020-12. Not strict: they carry keywords
// of OpenAPI and of generators. Patterns are of ECMA-262, as Ajv takes them.
const ajv = new Ajv2020({ strict: false, allErrors: true, discriminator: false });
addFormats(ajv);
const uri = ajv.formats.uri;
// A few lists require a link to the next page, also on the last one; there it
// is empty.
ajv.addFormat("uri", (s) => s === "" || uri(s));
ajv.addFormat("jwt", true);
ajv.addSchema({ $id: "https://ajv.invalid/openapi", ...description }, undefined, false, false);

const operations = new Map();
for (const [path, item] of Object.entries(description.paths)) {
  for (const [method, operation] of Object.entries(item)) {
    const id = operation.operationId;
    operations.set(id, { ...operation, id, path, method });
  }
}

const compiled = new Map();
function validator(pointer) {
  if (!compiled.has(pointer)) {
    compiled.set(pointer, ajv.compile({ $ref: "https://ajv.invalid/openapi#" + pointer }));
  }
  return compiled.get(pointer);
}
const escaped = (s) => encodeURIComponent(s.replaceAll("~", "~0").replaceAll("/", "~1"));

let requests = 0;
let responses = 0;
let failed = 0;
const seen = new Set();
const unloadable = new Map();

function check(operation, what, pointer, value) {
  let validate;
  try {
    validate = validator(pointer);
  } catch (e) {
    unloadable.set(operation.id, e.message);
    return;
  }
  if (validate(value)) return;
  // Some alternatives overlap in the description itself, so that a value which
  // is right for one is right for two.
  const errors = validate.errors.filter((e) => !(e.keyword === "oneOf" && e.params.passingSchemas));
  if (errors.length > 0) {
    failed++;
    for (const e of errors.slice(0, 5)) {
      console.log(`${operation.id}: ${what}${e.instancePath}: ${e.message} ${JSON.stringify(e.params)}`);
    }
  }
}

// A parameter comes as text; its schema says what it stands for.
function parameterValue(schema, text) {
  const type = schema.$ref ? "string" : [schema.type].flat()[0];
  if (type === "integer" || type === "number") return Number(text);
  if (type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return text;
}

for (const line of readFileSync(corpusFile, "utf8").split("\n").filter(Boolean)) {
  const exchange = JSON.parse(line);
  const operation = operations.get(exchange.operation);
  if (!operation || operation.method.toUpperCase() !== exchange.method) {
    failed++;
    console.log(`${exchange.operation}: ${exchange.method} is no operation of the description`);
    continue;
  }
  seen.add(exchange.operation);
  const base = `/paths/${escaped(operation.path)}/${operation.method}`;

  requests++;
  const names = [...operation.path.matchAll(/{([^}]+)}/g)].map((m) => m[1]);
  const shape = new RegExp("^" + operation.path.replaceAll(/{[^}]+}/g, "([^/]+)") + "$");
  const values = shape.exec(exchange.path);
  if (!values) {
    failed++;
    console.log(`${exchange.operation}: the path ${exchange.path} is none of ${operation.path}`);
    continue;
  }
  const known = new Set();
  (operation.parameters ?? []).forEach((parameter, i) => {
    const at = `${base}/parameters/${i}/schema`;
    if (parameter.in === "path") {
      const text = decodeURIComponent(values[1 + names.indexOf(parameter.name)]);
      check(operation, `path ${parameter.name}`, at, parameterValue(parameter.schema, text));
    } else if (parameter.in === "query") {
      known.add(parameter.name);
      if (parameter.name in exchange.query) {
        check(operation, `query ${parameter.name}`, at, parameterValue(parameter.schema, exchange.query[parameter.name]));
      }
    }
  });
  for (const name of Object.keys(exchange.query).filter((name) => !known.has(name))) {
    failed++;
    console.log(`${exchange.operation}: query ${name} is no parameter`);
  }
  if (operation.requestBody) {
    check(operation, "request", `${base}/requestBody/content/${escaped("application/json")}/schema`, exchange.request);
  } else if (exchange.request !== undefined) {
    failed++;
    console.log(`${exchange.operation}: has a body, and none is described`);
  }

  responses++;
  const response = operation.responses[String(exchange.status)];
  if (!response) {
    failed++;
    console.log(`${exchange.operation}: status ${exchange.status} is not described`);
  } else if (response.content) {
    check(operation, "response", `${base}/responses/${exchange.status}/content/${escaped("application/json")}/schema`, exchange.response);
  } else if (exchange.response !== undefined) {
    failed++;
    console.log(`${exchange.operation}: the response has a body, and none is described`);
  }
}

for (const id of operations.keys()) {
  if (!seen.has(id)) {
    failed++;
    console.log(`${id}: is not in the corpus`);
  }
}
for (const [id, why] of unloadable) {
  console.log(`${id}: could not be checked: ${why}`);
}
console.log(`ajv: ${requests} requests and ${responses} responses of ${seen.size} operations checked, ${failed} failed, ${unloadable.size} operations could not be checked`);
process.exit(failed > 0 ? 1 : 0);
