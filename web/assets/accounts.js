// Copies what stands in a field. Pages that are served without encryption have no clipboard of their own.
"use strict";
document.querySelectorAll("[data-copies]").forEach((button) => {
	const field = document.getElementById(button.dataset.copies);
	button.hidden = false;
	button.addEventListener("click", async () => {
		field.select();
		try {
			await navigator.clipboard.writeText(field.value);
		} catch {
			document.execCommand("copy");
		}
		document.querySelector("[data-copied]").hidden = false;
	});
});
