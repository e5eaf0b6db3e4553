// Lists: a file may be dropped, a form that takes long says so, and choosing something by hand says that it is by hand.
"use strict";
(() => {
	const wire = (root) => {
		root.querySelectorAll("[data-drop]").forEach((zone) => {
			const input = zone.querySelector("input[type=file]");
			const mark = (over) => (event) => { event.preventDefault(); zone.classList.toggle("over", over); };
			["dragenter", "dragover"].forEach((name) => zone.addEventListener(name, mark(true)));
			zone.addEventListener("dragleave", mark(false));
			zone.addEventListener("drop", (event) => {
				mark(false)(event);
				if (event.dataTransfer.files.length > 0) input.files = event.dataTransfer.files;
			});
		});
		root.querySelectorAll("form[data-busy]").forEach((form) => form.addEventListener("submit", (event) => {
			// A question that is answered with no stops the form: that is known once everybody has heard of it.
			setTimeout(() => { if (!event.defaultPrevented) form.querySelector("[data-busy-note]").hidden = false; });
		}));
		root.querySelectorAll("[data-own]").forEach((box) => {
			const part = root.querySelector(`[data-part="${box.dataset.own}"]`);
			part?.addEventListener("change", () => { box.checked = true; });
		});
	};
	wire(document);
	document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) wire(event.detail.elt); });
})();
