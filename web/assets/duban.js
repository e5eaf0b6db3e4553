// What all pages do beyond showing: each piece is asked for by an attribute, and a page works without it.
"use strict";
(() => {
	const each = (root, selector, f) => root.querySelectorAll(selector).forEach(f);

	// On a wide screen the menu stands open.
	const menu = document.querySelector("[data-menu]");
	const wide = matchMedia("(min-width: 60.01rem)");
	const unfold = () => { if (menu) menu.open = wide.matches; };
	unfold();
	wide.addEventListener("change", unfold);

	// A form is sent once, however often its button is pressed; a question may come before.
	document.addEventListener("submit", (event) => {
		const form = event.target;
		const asks = event.submitter?.dataset.confirm ?? form.dataset.confirm;
		if (asks && !confirm(asks)) {
			event.preventDefault();
			return;
		}
		if (form.method === "post") setTimeout(() => each(form, "button", (b) => { b.disabled = true; }));
	});
	// Coming back to a page by the browser's own button finds its forms usable again.
	addEventListener("pageshow", (event) => {
		if (event.persisted) each(document, "form button", (b) => { b.disabled = false; });
	});

	const wire = (root) => {
		each(root, "select[data-submit], input[data-submit]", (field) => field.addEventListener("change", () => field.form.requestSubmit()));
		each(root, "[data-opens]", (b) => b.addEventListener("click", () => document.getElementById(b.dataset.opens).showModal()));
		each(root, "dialog [data-close]", (b) => b.addEventListener("click", () => b.closest("dialog").close()));
		each(root, "[data-print]", (b) => b.addEventListener("click", () => print()));
	};
	wire(document);
	document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) wire(event.detail.elt); });

	// Nobody loses what he has written because his session ended: it is asked about before the form goes out by script.
	window.duban = { expired: () => document.getElementById("expired").showModal() };
})();
