globalThis.self ??= globalThis; // the package's bundle for browsers, which needs nothing else
module.exports = require("./cloudevents.js");
