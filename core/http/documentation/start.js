// Runs in the browser, after Swagger UI: shows the document of the server that the page came from.
window.ui = window.SwaggerUIBundle({
  url: 'openapi',
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayOperationId: true,
  displayRequestDuration: true,
  validatorUrl: null,
  oauth2RedirectUrl: new URL('oauth2_redirect', window.location.href.replace(/[?#].*/, '')).href,
  plugins: [{ afterLoad: typeTexts }],
});

// Texts that hold JSON, such as filters, are for typing. Swagger UI offers to upload a file for each text that declares its content.
function typeTexts() {
  this.fn.isFileUploadIntended = () => false;
}

// Where people can sign in, the page says with which client. A token is kept until the page is left, and nowhere else.
const { signIn } = window.document.getElementById('swagger-ui').dataset;
if (signIn !== undefined) {
  const { clientId, scopes, parameters } = JSON.parse(signIn);
  window.ui.initOAuth({
    clientId,
    scopes,
    additionalQueryStringParams: parameters,
    usePkceWithAuthorizationCodeGrant: true,
  });
}
