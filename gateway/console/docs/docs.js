// docs.js - Swagger UI over our own document. A key that is typed in stays in this tab.
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  displayOperationId: false,
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null, // it would send the document to another server
});
