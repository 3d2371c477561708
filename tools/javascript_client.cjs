// Prints what Google's JavaScript client knows of the API, as JSON: how each method is called, and each type's fields.
const {api} = require("@google/earthengine");

const isType = (value) => typeof value === "function" && value.prototype?.getPartialClassMetadata;
const names = new Map(Object.entries(api).filter(([, value]) => isType(value)).map(([name, type]) => [type, name]));

const types = {};
for (const [type, name] of names) {
  const {keys, objects = {}, arrays = {}, objectMaps = {}, enums = {}} = new type().getPartialClassMetadata();
  types[name] = {};
  for (const key of keys) {
    const map = objectMaps[key];
    const inner = enums[key] ? "enum" : names.get(objects[key] ?? arrays[key] ?? map?.ctor) ?? "?";
    types[name][key] = {
      kind: (map?.isPropertyArray || arrays[key] ? "list of " : "") + (map ? "map of " : "") + inner,
      values: enums[key]?.values() ?? [],
    };
  }
}

// Each method hands its request to `$apiClient`: a stand-in that gives the request back is all it needs.
const caller = {gapiVersion: "v1beta", $apiClient: {$validateParameter() {}, $request: (request) => request}};
const methods = {};
for (const [client, argument] of [["ProjectsImage", "projects/*"], ["ProjectsOperations", "projects/*/operations/*"]]) {
  const {constructor, ...calls} = Object.getOwnPropertyDescriptors(api[`${client}ApiClientImpl`].prototype);
  for (const [name, {value: call}] of Object.entries(calls)) {
    const request = call.call(caller, name === "list" ? "projects/*" : argument);
    methods[request.methodId] = {...request, answer: names.get(request.responseCtor)};
  }
}

console.log(JSON.stringify({types, methods}));
