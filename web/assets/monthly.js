// Takes a text that stands beside a field over into it.
"use strict";
document.querySelectorAll("[data-take]").forEach((b) => {
	const field = document.getElementById(b.dataset.take);
	b.hidden = false;
	b.addEventListener("click", () => {
		if (!field.value.includes(b.dataset.text)) field.value = (field.value.trim() ? field.value.trimEnd() + "\n" : "") + b.dataset.text;
		field.focus();
	});
});
