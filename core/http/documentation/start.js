// Runs in the browser, after Swagger UI: shows the document of the server that the page came from.
window.ui = window.SwaggerUIBundle({
  url: 'openapi',
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayOperationId: true,
  displayRequestDuration: true,
  validatorUrl: null,
  plugins: [{ afterLoad: typeTexts }],
});

// Texts that hold JSON, such as filters, are for typing. Swagger UI offers to upload a file for each text that declares its content.
function typeTexts() {
  this.fn.isFileUploadIntended = () => false;
}
