// The desk of the office by keys. No key does anything while somebody types, or holds another key with it.
"use strict";
(() => {
	const queue = document.querySelector("[data-queue]");
	const keys = document.getElementById("keys");

	const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

	const go = (step) => {
		const items = [...queue.querySelectorAll("[data-item]")];
		const here = items.findIndex((a) => a.hasAttribute("aria-current"));
		items[here < 0 ? 0 : here + step]?.click();
	};

	const accept = () => {
		const form = queue.querySelector("form[data-accept]");
		if (!form) return;
		form.closest("details")?.setAttribute("open", "");
		form.requestSubmit(form.querySelector("button"));
	};

	const giveBack = () => {
		const form = queue.querySelector("form[data-return]");
		if (!form) return;
		form.closest("details")?.setAttribute("open", "");
		form.querySelector("textarea").focus();
	};

	const commands = { j: () => go(1), k: () => go(-1), a: accept, r: giveBack };

	document.addEventListener("keydown", (event) => {
		if (event.isComposing || event.repeat || document.querySelector("dialog[open]")) return;
		if (typing(event.target)) {
			const form = event.target.form;
			if (event.key === "Enter" && event.ctrlKey && form?.method === "post") {
				event.preventDefault();
				form.requestSubmit(form.querySelector("button"));
			}
			if (event.key === "Escape") event.target.blur();
			return;
		}
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		if (event.key === "?") {
			event.preventDefault();
			keys.showModal();
			return;
		}
		const command = commands[event.key];
		if (queue && command) {
			event.preventDefault();
			command();
		}
	});

	document.querySelector("[data-opens=keys]").hidden = false;

	// What is opened is in sight in its list.
	queue?.querySelector("[data-item][aria-current]")?.scrollIntoView({ block: "nearest" });
})();
