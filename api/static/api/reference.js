"use strict";

const place = document.getElementById("reference");
SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: true,
  validatorUrl: null,
  // Requests need a signature, and a secret has no place in a browser.
  supportedSubmitMethods: [],
  defaultModelsExpandDepth: 0,
});
