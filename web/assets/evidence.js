// Evidence: files are uploaded as soon as they are chosen, dropped or photographed; the form then hands in what is ticked.
"use strict";
(() => {
	const parallel = 2; // the API receives few files of a unit at once
	const waiting = [];
	let running = 0;

	const boxes = () => document.querySelectorAll("[data-evidence]");
	const sizeOf = (n) => n >= 1 << 20 ? `${(n / (1 << 20)).toFixed(1)} MB` : n >= 1 << 10 ? `${Math.round(n / (1 << 10))} KB` : `${n} 字节`;
	const key = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
	const copy = (box, name) => box.querySelector(`template.${name}`).content.firstElementChild.cloneNode(true);

	// reason returns what the API says of why it refused.
	const reason = (answer, otherwise) => [answer?.detail, ...(answer?.errors ?? []).map((e) => e.message)].filter(Boolean).join(" ") || otherwise;

	// lie puts a file that has come in among those of every form of the page.
	const lie = (file) => boxes().forEach((box) => {
		const row = copy(box, "row");
		row.dataset.file = file.id;
		row.querySelector("input").value = file.id;
		row.querySelector(".file-name").textContent = file.name;
		row.querySelector("small").textContent = sizeOf(file.size);
		row.querySelector(".remove").setAttribute("aria-label", `删除 ${file.name}`);
		box.querySelector(".staged").append(row);
	});

	const say = (box, text) => { box.querySelector(".said").textContent = text; };

	const show = (job, state) => {
		job.state = state;
		job.row.dataset.state = state;
		const failed = state === "failed";
		job.row.querySelector("progress").hidden = failed;
		job.row.querySelector(".percent").hidden = failed;
		job.row.querySelector(".why-not").hidden = !failed;
		job.row.querySelector(".retry").hidden = !failed || !job.again;
		job.row.querySelector(".cancel").textContent = failed ? "移除" : "取消";
	};
	const fail = (job, why, again) => {
		job.again = again;
		job.row.querySelector(".why-not").textContent = why;
		show(job, "failed");
	};
	const drop = (job) => {
		job.row.remove();
		job.box.jobs.delete(job);
		waiting.splice(0, waiting.length, ...waiting.filter((j) => j !== job));
	};

	const send = (job) => {
		running++;
		const words = job.box.dataset;
		const x = job.request = new XMLHttpRequest();
		const progress = job.row.querySelector("progress"), percent = job.row.querySelector(".percent");
		x.open("POST", `${words.evidence}?name=${encodeURIComponent(job.file.name)}`);
		x.responseType = "json";
		// What a file is follows from its content: what this machine takes it for is of no use.
		x.setRequestHeader("Content-Type", "application/octet-stream");
		x.setRequestHeader("Idempotency-Key", job.key);
		x.upload.onprogress = (e) => {
			if (!e.lengthComputable) return;
			progress.value = Math.floor(e.loaded / e.total * 100);
			percent.textContent = e.loaded < e.total ? `${progress.value}%` : "正在检查";
		};
		x.onload = () => {
			if (x.status === 200 && x.response) {
				drop(job);
				lie(x.response);
				say(job.box, words.uploaded + job.file.name);
			} else if (x.status === 401) {
				window.duban.expired();
				fail(job, words.expired, true);
			} else {
				fail(job, reason(x.response, words.broken), x.status >= 500 || x.status === 408 || x.status === 429);
			}
		};
		x.onerror = () => fail(job, words.broken, true);
		x.onabort = () => drop(job);
		x.onloadend = () => {
			running--;
			next();
		};
		show(job, "sending");
		x.send(job.file);
	};
	const next = () => { while (running < parallel && waiting.length) send(waiting.shift()); };

	const add = (box, file, folder) => {
		const job = { box, file, row: copy(box, "job"), key: key(), again: false };
		job.row.querySelector(".file-name").textContent = file.name;
		job.row.querySelector("progress").setAttribute("aria-label", file.name);
		job.row.querySelector(".cancel").addEventListener("click", () => job.state === "sending" ? job.request.abort() : drop(job));
		job.row.querySelector(".retry").addEventListener("click", () => {
			waiting.push(job);
			show(job, "waiting");
			next();
		});
		box.jobs.add(job);
		box.querySelector(".uploads").append(job.row);
		box.querySelector(".wait").hidden = true;
		if (folder) fail(job, box.dataset.folder, false);
		else if (file.size > Number(box.dataset.max)) fail(job, box.dataset.tooLarge, false);
		else {
			waiting.push(job);
			show(job, "waiting");
		}
		next();
	};

	const remove = async (box, row) => {
		if (!confirm(box.dataset.removeSure)) return;
		const words = box.dataset, id = row.dataset.file;
		let answer;
		try {
			answer = await fetch(`${words.evidence}/${encodeURIComponent(id)}`, { method: "DELETE" });
		} catch {
			answer = null;
		}
		if (answer?.ok || answer?.status === 404) {
			document.querySelectorAll(`[data-file="${CSS.escape(id)}"]`).forEach((r) => r.remove());
			return;
		}
		if (answer?.status === 401) {
			window.duban.expired();
			return;
		}
		const why = box.querySelector(".wait");
		why.textContent = reason(await answer?.json().catch(() => null), words.broken);
		why.hidden = false;
	};

	const wire = (box) => {
		box.jobs = new Set();
		const area = box.querySelector(".drop");
		area.hidden = false;
		box.querySelectorAll("input[type=file]").forEach((input) => input.addEventListener("change", () => {
			for (const file of input.files) add(box, file, false);
			input.value = ""; // the same one can be chosen again
		}));
		box.addEventListener("click", (event) => {
			const button = event.target.closest(".remove");
			if (button) remove(box, button.closest("[data-file]"));
		});
		box.addEventListener("dragover", (event) => {
			event.preventDefault();
			area.classList.add("over");
		});
		box.addEventListener("dragleave", (event) => { if (!box.contains(event.relatedTarget)) area.classList.remove("over"); });
		box.addEventListener("drop", (event) => {
			event.preventDefault();
			area.classList.remove("over");
			for (const item of event.dataTransfer.items) {
				const file = item.getAsFile();
				if (file) add(box, file, item.webkitGetAsEntry?.()?.isDirectory ?? false);
			}
		});
		box.form.addEventListener("submit", (event) => {
			const jobs = [...box.jobs];
			const why = box.querySelector(".wait");
			const busy = jobs.some((j) => j.state !== "failed");
			if (busy) {
				why.textContent = box.dataset.busy;
				why.hidden = false;
			}
			if (busy || jobs.length && !confirm(box.dataset.missing)) {
				event.preventDefault();
				event.stopPropagation();
			}
		});
	};
	boxes().forEach(wire);
	// A file that falls beside its place opens nothing.
	for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
	addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });
})();
