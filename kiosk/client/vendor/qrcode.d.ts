/** What the client uses of qrcode-generator 2.0.4 (qrcode.js, MIT, see LICENSE-qrcode). */
export interface QRCode {
  addData(data: string, mode?: "Numeric" | "Alphanumeric" | "Byte" | "Kanji"): void;
  make(): void;
  getModuleCount(): number;
  isDark(row: number, column: number): boolean;
}
declare function qrcode(type: number, correction: "L" | "M" | "Q" | "H"): QRCode;
export default qrcode;
