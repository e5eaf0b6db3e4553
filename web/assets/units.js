// What the pages of units do beyond showing: another contact's fields, and a roster that is read from a file.
"use strict";
(() => {
	document.querySelectorAll("[data-adds]").forEach((button) => {
		const people = button.form.querySelector("[data-people]");
		button.hidden = false;
		button.addEventListener("click", () => {
			const all = people.querySelectorAll("[data-person]");
			const added = all[all.length - 1].cloneNode(true);
			const renumber = (text) => text.replace(/^c\d+-/, `c${all.length}-`);
			added.querySelector("legend").textContent = "新联络员";
			added.querySelectorAll("[id]").forEach((field) => { field.id = renumber(field.id); field.value = ""; });
			added.querySelectorAll("[name]").forEach((field) => { field.name = renumber(field.name); });
			added.querySelectorAll("label").forEach((label) => { label.htmlFor = renumber(label.htmlFor); });
			people.append(added);
			added.querySelector("input").focus();
		});
	});

	document.querySelectorAll("[data-reads]").forEach((part) => {
		part.hidden = false;
		part.querySelector("input").addEventListener("change", async (event) => {
			const file = event.target.files[0];
			if (!file) return;
			const bytes = await file.arrayBuffer();
			let text;
			try {
				text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
			} catch {
				text = new TextDecoder("gb18030").decode(bytes);
			}
			document.getElementById(part.dataset.reads).value = text;
		});
	});
})();
