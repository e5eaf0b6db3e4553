// The form by which a lead unit asks others for parts: room for as many as it wants.
"use strict";
(() => {
	const parts = document.querySelector("[data-parts]"), more = document.querySelector("[data-more-parts]");
	more.hidden = false;
	more.addEventListener("click", () => {
		const next = parts.lastElementChild.cloneNode(true);
		next.querySelector("select").value = "";
		next.querySelector("[name=text]").value = "";
		parts.append(next);
		next.querySelector(".part-n").textContent = parts.children.length;
		next.querySelector("select").focus();
		more.hidden = parts.children.length >= 50;
	});
})();
